namespace FullStack.Imap;

/// <summary>Which users may open mailboxes of each other, as far as access lists allow it.</summary>
public enum SharingScope
{
    /// <summary>None: there are no namespaces but the user's own.</summary>
    Off,

    /// <summary>Those of one domain.</summary>
    Domain,

    /// <summary>Those of all domains of this server.</summary>
    Server,
}

/// <summary>Where the mailboxes of others are.</summary>
public sealed class SharingOptions
{
    /// <summary>Who reaches whom.</summary>
    public SharingScope Scope { get; init; } = SharingScope.Domain;

    /// <summary>
    /// What names of other users' mailboxes begin with, without the separator behind it. A <c>#</c> keeps it apart from names
    /// that a user may have given to mailboxes of his own (RFC 2342 §4).
    /// </summary>
    public string OtherUsers { get; init; } = "#user";

    /// <summary>What names of shared mailboxes begin with, in the same way.</summary>
    public string Shared { get; init; } = "#shared";

    /// <summary>The local part of the account, one in each domain, whose mailboxes are the shared ones; empty: there are none.</summary>
    public string SharedUser { get; init; } = "";

    /// <summary>Addresses of those who have every right everywhere.</summary>
    public IReadOnlyList<string> Administrators { get; init; } = [];
}
