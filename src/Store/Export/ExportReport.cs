using FullStack.Store.Accounts;

namespace FullStack.Store.Export;

/// <summary>What was written of one account.</summary>
public sealed record ExportReport(AccountName Account, string Target)
{
    public int Mailboxes { get; init; }
    public int Messages { get; init; }

    /// <summary>Octets of the messages as they are stored.</summary>
    public long Octets { get; init; }

    /// <summary>Messages that have keywords.</summary>
    public int Keywords { get; init; }

    /// <summary>Messages whose POP3 names were written down.</summary>
    public int Uidls { get; init; }

    /// <summary>Names subscribed to.</summary>
    public int Subscriptions { get; init; }

    /// <summary>Mailboxes and names that have access lists.</summary>
    public int AccessLists { get; init; }

    /// <summary>What the other server cannot be told: a sentence each.</summary>
    public IReadOnlyList<string> Left { get; init; } = [];
}
