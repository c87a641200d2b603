using FullStack.Store.Accounts;
using FullStack.Store.Mailboxes;
using FullStack.Store.Posix;
using FullStack.Store.Takeover;

namespace FullStack.Store.Import;

/// <summary>What is to be done for one account: made by looking, changes nothing.</summary>
public sealed class ImportPlan
{
    internal ImportPlan(ImportReport report, ImportState state, IReadOnlyList<ImportFolder> folders)
        => (Report, State, Folders) = (report, state, folders);

    /// <summary>What will be reported where all goes well.</summary>
    public ImportReport Report { get; }

    internal ImportState State { get; }

    internal IReadOnlyList<ImportFolder> Folders { get; }
}

/// <summary>What is at the place where an account's mail goes.</summary>
internal enum ImportState
{
    /// <summary>Nothing, or mailboxes that nothing was ever put into.</summary>
    Free,

    /// <summary>The source itself.</summary>
    InPlace,

    /// <summary>What an earlier import put there.</summary>
    Imported,

    /// <summary>Other mail.</summary>
    Occupied,

    /// <summary>The source cannot be read, or is none.</summary>
    NoSource,
}

/// <summary>One folder of a source.</summary>
/// <param name="Entry">Its directory in the Maildir; empty for INBOX.</param>
/// <param name="Name">The mailbox it becomes.</param>
/// <param name="Messages">Messages in it.</param>
internal sealed record ImportFolder(byte[] Entry, MailboxName Name, int Messages)
{
    public FormerServer Server { get; init; }
    public long Octets { get; init; }
    public int Uids { get; init; }
    public int Keywords { get; init; }
    public int Uidls { get; init; }
    public bool HasAcl { get; init; }
}
