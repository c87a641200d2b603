namespace FullStack.Server.Configuration;

/// <summary>The keys of the journal that <c>fullstack trace</c> reads.</summary>
internal static class TraceSettings
{
    private static readonly TraceConfiguration Defaults = new();

    private static readonly Setting<long> Size = new ScalarSetting<long>("trace.size", Defaults.Octets, ValueForms.Size(0, 1L << 40),
        "Size of the journal of what became of messages, which fullstack trace reads; its oldest part goes first. 0: no journal.")
    { NeedsRestart = true };

    private static readonly Setting<TimeSpan> Age = new ScalarSetting<TimeSpan>("trace.age", Defaults.Age,
        ValueForms.Duration(TimeSpan.FromHours(1), TimeSpan.FromDays(3650)), "How long the journal goes back at most.")
    { NeedsRestart = true };

    public static IReadOnlyList<Setting> All { get; } = [Size, Age];

    public static TraceConfiguration Build(SettingValues values) => new() { Octets = values.Get(Size), Age = values.Get(Age) };
}
