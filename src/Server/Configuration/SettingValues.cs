namespace FullStack.Server.Configuration;

/// <summary>The values that one file gives to settings; what it leaves out has its default.</summary>
internal sealed class SettingValues
{
    private readonly Dictionary<Setting, (object Value, int Line)> _given = [];

    public T Get<T>(Setting<T> setting)
        where T : notnull
        => _given.TryGetValue(setting, out (object Value, int Line) given) ? (T)given.Value : setting.Default;

    public bool IsGiven(Setting setting) => _given.ContainsKey(setting);

    /// <summary>Where the file gives the setting; 0 where it does not.</summary>
    public int LineOf(Setting setting) => _given.GetValueOrDefault(setting).Line;

    /// <summary>Takes a setting as another file gives it, or leaves it out as that does.</summary>
    public void TakeFrom(SettingValues other, Setting setting)
    {
        if (other._given.TryGetValue(setting, out (object Value, int Line) given))
            _given[setting] = given;
        else
            _given.Remove(setting);
    }

    public void Set<T>(Setting<T> setting, T value, int line)
        where T : notnull
        => _given[setting] = (value, line);
}
