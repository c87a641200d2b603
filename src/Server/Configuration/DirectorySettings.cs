using FullStack.Auth.Backends;

namespace FullStack.Server.Configuration;

/// <summary>The keys about where accounts are kept.</summary>
internal static class DirectorySettings
{
    public static readonly Setting<IReadOnlyList<DirectoryDescription>> Directories = new DirectoriesSetting("directories",
        "Where accounts are besides this server's own directory, which `fullstack user` changes and which is asked first; then these, in their order.\n"
        + "type: passwd, userdb (files), sqlite, postgresql, ldap, checkpassword (a program) or system (PAM and NSS). domains: whose accounts they\n"
        + "are, which makes these domains local; none: all are asked for. Each type's keys are in docs/reference.md.")
    { Example = "[{ name: staff, type: passwd, file: users, domains: [example.test] }]" };

    public static IReadOnlyList<Setting> All { get; } = [Directories];

    /// <param name="values">What the file says.</param>
    /// <param name="resolve">Makes a path whole.</param>
    /// <param name="problems">Takes what is wrong with a directory.</param>
    public static IReadOnlyList<DirectoryDescription> Build(SettingValues values, Func<string, string> resolve, List<ConfigurationProblem> problems)
        => DirectoriesSetting.Check(
            values.Get(Directories), resolve, trouble => problems.Add(new(values.LineOf(Directories), $"{Directories.Name}: {trouble}")));
}
