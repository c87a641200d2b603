using FullStack.Store.Accounts;

namespace FullStack.Store.Import;

/// <summary>What was, or would be, taken of one former account.</summary>
public sealed record ImportReport(AccountName Account, string Source, ImportOutcome Outcome)
{
    /// <summary>Whose lists were believed: Courier, Dovecot, or nobody's ("Unknown").</summary>
    public string Server { get; init; } = "";

    public int Mailboxes { get; init; }
    public int Messages { get; init; }

    /// <summary>Octets of the messages as they are stored.</summary>
    public long Octets { get; init; }

    /// <summary>Messages that keep their UIDs.</summary>
    public int Uids { get; init; }

    /// <summary>Messages that have keywords.</summary>
    public int Keywords { get; init; }

    /// <summary>Messages that keep their POP3 names.</summary>
    public int Uidls { get; init; }

    /// <summary>Names subscribed to.</summary>
    public int Subscriptions { get; init; }

    /// <summary>Mailboxes and names that have access lists.</summary>
    public int AccessLists { get; init; }

    /// <summary>What was not taken, and why: a sentence each.</summary>
    public IReadOnlyList<string> Left { get; init; } = [];
}
