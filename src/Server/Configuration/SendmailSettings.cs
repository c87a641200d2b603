namespace FullStack.Server.Configuration;

/// <summary>The keys of the <c>sendmail</c> command.</summary>
internal static class SendmailSettings
{
    private static readonly SendmailConfiguration Defaults = new();

    private static readonly Setting<string> Folder = new ScalarSetting<string>("sendmail.folder", Defaults.Folder, ValueForms.FilePath,
        "Where the sendmail command leaves its messages, and the server takes them up; the administrator makes it, for all users: of mode 3733, owned by\n"
        + "the server's user and group. Not given: the folder drop below data, for root and the server's own user.")
    { NeedsRestart = true, Example = "/var/spool/fullstack" };

    private static readonly Setting<IReadOnlyList<string>> TrustedUsers = new ListSetting("sendmail.trusted_users", ValueForms.Text(64),
        "Users of this host who may name any sender to sendmail. Others may as well, but the message says so (X-Authentication-Warning).")
    { Example = "[www-data, list]" };

    public static IReadOnlyList<Setting> All { get; } = [Folder, TrustedUsers];

    public static SendmailConfiguration Build(SettingValues values, Func<string, string> resolve) => new()
    {
        Folder = values.Get(Folder) is { Length: > 0 } folder ? resolve(folder) : "",
        TrustedUsers = values.Get(TrustedUsers),
    };
}
