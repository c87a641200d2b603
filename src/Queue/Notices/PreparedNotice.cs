using FullStack.Queue.Spool;

namespace FullStack.Queue.Notices;

/// <summary>A notice whose file is made, and which is still to be put into the queue.</summary>
internal sealed record PreparedNotice(QueuedMessage Message, IReadOnlyList<QueuedRecipient> Recipients);
