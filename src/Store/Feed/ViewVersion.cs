using FullStack.Store.Mailboxes;

namespace FullStack.Store.Feed;

/// <summary>
/// What a view numbered at some time: where from <see cref="MailboxView.ChangedSince"/> counts. Versions share what did not change, so
/// that keeping one costs little.
/// </summary>
public sealed class ViewVersion
{
    internal ViewVersion(MessageList messages) => Messages = messages;

    internal MessageList Messages { get; }

    /// <summary>The UID of its last message; null where it had none.</summary>
    public Uid? LastUid => Messages.Count == 0 ? null : Messages.UidAt(Messages.Count - 1);
}
