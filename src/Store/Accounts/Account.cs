using FullStack.Store.Feed;
using FullStack.Store.Mailboxes;

namespace FullStack.Store.Accounts;

/// <summary>Special use of a mailbox (RFC 6154 §2).</summary>
public enum SpecialUse
{
    None,
    Archive,
    Drafts,
    Junk,
    Sent,
    Trash,
}

/// <summary>One mailbox as LIST sees it.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Exists">False for a name that only has mailboxes below it (\NoSelect).</param>
/// <param name="HasChildren">Whether mailboxes lie below it.</param>
/// <param name="Subscribed">Whether the owner subscribed to it.</param>
/// <param name="SpecialUse">Its special use.</param>
public sealed record MailboxInfo(MailboxName Name, bool Exists, bool HasChildren, bool Subscribed, SpecialUse SpecialUse);

/// <summary>Counts of a mailbox without opening a view (RFC 9051 §6.3.11, RFC 3501 §6.3.10).</summary>
public sealed record MailboxStatus(int Messages, int Recent, Uid UidNext, UidValidity UidValidity, int Unseen, int Deleted, ModSeq HighestModSeq, long SizeOctets);

/// <summary>What appending or copying gave: RFC 4315 APPENDUID and COPYUID. Both lists run in the same order.</summary>
public sealed record CopyOutcome(UidValidity UidValidity, IReadOnlyList<Uid> Source, IReadOnlyList<Uid> Target);

/// <summary>What an appended message became.</summary>
public sealed record AppendOutcome(UidValidity UidValidity, Uid Uid);

/// <summary>The mailboxes of one user. All members may be called by many sessions at once.</summary>
public sealed class Account
{
    public AccountName Name => throw new NotImplementedException();

    /// <summary>Makes Drafts, Sent, Junk, Trash and Archive with their special uses, and subscribes to them, once in an account's life.</summary>
    public ValueTask<Result<Nothing>> EnsureDefaultMailboxesAsync(CancellationToken ct) => throw new NotImplementedException();

    /// <summary>All mailboxes, names without one that have children, and subscribed names that are gone (Exists false), sorted by name; INBOX first.</summary>
    public ValueTask<IReadOnlyList<MailboxInfo>> ListAsync(CancellationToken ct) => throw new NotImplementedException();

    /// <summary>Makes a mailbox; parents appear by themselves as names without mailbox.</summary>
    public ValueTask<Result<Nothing>> CreateAsync(MailboxName name, SpecialUse use, CancellationToken ct) => throw new NotImplementedException();

    /// <summary>Deletes a mailbox with its messages; children stay. INBOX cannot go. Views on it become dead.</summary>
    public ValueTask<Result<Nothing>> DeleteAsync(MailboxName name, CancellationToken ct) => throw new NotImplementedException();

    /// <summary>Renames a mailbox and all below it. INBOX's messages are moved to a new mailbox instead (RFC 9051 §6.3.6).</summary>
    public ValueTask<Result<Nothing>> RenameAsync(MailboxName from, MailboxName to, CancellationToken ct) => throw new NotImplementedException();

    /// <summary>Subscribes or unsubscribes a name, whether or not a mailbox has it.</summary>
    public ValueTask<Result<Nothing>> SetSubscribedAsync(MailboxName name, bool subscribed, CancellationToken ct) => throw new NotImplementedException();

    public ValueTask<Result<MailboxStatus>> StatusAsync(MailboxName name, CancellationToken ct) => throw new NotImplementedException();

    /// <summary>Opens a view of a mailbox for one session. A writable view takes \Recent from messages nobody has seen yet.</summary>
    public ValueTask<Result<MailboxView>> OpenAsync(MailboxName name, bool readOnly, CancellationToken ct) => throw new NotImplementedException();

    /// <summary>Appends a complete staged message. When it returns, a success is durable.</summary>
    public ValueTask<Result<AppendOutcome>> AppendAsync(
        MailboxName name, StagedMessage message, MessageFlags flags, DateTimeOffset? internalDate, CancellationToken ct) => throw new NotImplementedException();

    /// <summary>Takes the account's POP3 maildrop for one session (RFC 1939 §4: exclusive access); null where another session has it.</summary>
    public IDisposable? TryLockMaildrop() => throw new NotImplementedException();
}
