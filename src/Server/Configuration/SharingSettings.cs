using FullStack.Imap;

namespace FullStack.Server.Configuration;

/// <summary>The keys of mailboxes that users share; part of <see cref="Settings.All"/>.</summary>
internal static class SharingSettings
{
    private static readonly SharingOptions Defaults = new();

    public static readonly Setting<SharingScope> Scope = new ScalarSetting<SharingScope>("sharing.scope", Defaults.Scope,
        ValueForms.OneOf(("off", SharingScope.Off), ("domain", SharingScope.Domain), ("server", SharingScope.Server)),
        "Who may open mailboxes of others, as far as their access lists (IMAP's ACL) allow it. domain: users of one domain those of each\n"
        + "other. server: all users of this server; users of other domains are written with their domain. off: nobody.");

    public static readonly Setting<string> OtherUsers = new ScalarSetting<string>("sharing.other_users", Defaults.OtherUsers,
        ValueForms.MailboxPrefix,
        "What names of other users' mailboxes begin with: #user.bob is bob's INBOX, #user.bob.Sent his Sent. A dot in a user's name is\n"
        + "written ^. Mailboxes of a user's own whose names begin so are not reached; a # keeps the names apart.");

    public static readonly Setting<string> Shared = new ScalarSetting<string>("sharing.shared", Defaults.Shared,
        ValueForms.MailboxPrefix, "What names of shared mailboxes begin with, in the same way.");

    public static readonly Setting<string> SharedUser = new ScalarSetting<string>("sharing.shared_user", Defaults.SharedUser,
        ValueForms.LocalPart, "The user, in each domain, whose mailboxes are the shared ones, such as public. \"\": there are none.");

    public static readonly Setting<IReadOnlyList<string>> Administrators = new ListSetting("sharing.administrators", ValueForms.Address,
        "Users who have every right on all mailboxes within the scope, and may set quotas by IMAP.")
    { Example = "[postmaster@example.test]" };

    /// <summary>In the order of the example.</summary>
    public static IReadOnlyList<Setting> All { get; } =
    [
        Scope, OtherUsers, Shared, SharedUser, Administrators,
    ];

    /// <summary>What of other users' mailboxes is shown.</summary>
    public static SharingOptions Build(SettingValues values) => new()
    {
        Scope = values.Get(Scope),
        OtherUsers = values.Get(OtherUsers),
        Shared = values.Get(Shared),
        SharedUser = values.Get(SharedUser),
        Administrators = values.Get(Administrators),
    };
}
