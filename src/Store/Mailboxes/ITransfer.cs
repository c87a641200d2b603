using FullStack.Store.Accounts;

namespace FullStack.Store.Mailboxes;

/// <summary>
/// Copies messages from one mailbox to another, and moves them within an account. It never holds both locks. What each format's
/// transfer leaves after a crash is written at the class.
/// </summary>
internal interface ITransfer
{
    /// <summary>Copies messages with flags, keywords and internal date, all or none. Durable on success.</summary>
    /// <exception cref="IOException">The index cannot be used.</exception>
    Task<Result<CopyOutcome>> CopyAsync(UidSet uids, CancellationToken ct);

    /// <summary>Moves messages: at no moment is one in neither mailbox. Durable on success.</summary>
    /// <exception cref="IOException">The index cannot be used.</exception>
    Task<Result<CopyOutcome>> MoveAsync(UidSet uids, CancellationToken ct);
}
