using FullStack.Queue.Notices;
using FullStack.Queue.Spool;
using FullStack.Smtp;
using FullStack.Store.Index;
using FullStack.Store.Mailboxes;
using Microsoft.Extensions.Logging;

namespace FullStack.Queue.Schedule;

/// <summary>Writes down what became of recipients.</summary>
/// <remarks>
/// All of it is one transaction: recipients that are done with go, the others get the time of their next attempt, and a notice to the sender, whose file is made
/// before, comes. A crash before it leaves all to be tried again, one after it leaves at most a file without rows.
/// </remarks>
internal sealed class Settlement(MessageQueue queue, NoticeDesk notices, QueueOptions options, TimeProvider time, ILogger log)
{
    /// <param name="message">The message.</param>
    /// <param name="content">Its octets, for notices.</param>
    /// <param name="tried">Recipients that were tried, or are given up.</param>
    /// <param name="late">Recipients of which the sender is told that they have not got it yet.</param>
    /// <param name="also">What else is changed; whether the message has recipients left.</param>
    /// <exception cref="IOException">Nothing is written down.</exception>
    public async Task WriteAsync(
        QueuedMessage message, MessageContent content, IReadOnlyList<TriedRecipient> tried, IReadOnlyList<QueuedRecipient> late, Action<IndexConnection, bool> also)
    {
        DateTimeOffset now = time.GetUtcNow();
        bool isOver = Patience.EndOf(message, options) <= now;
        List<TriedRecipient> done = [.. tried.Where(one => !one.Status.IsTemporary || isOver)];
        List<TriedRecipient> again = [.. tried.Where(one => one.Status.IsTemporary && !isOver)];
        PreparedNotice? notice = await notices.PrepareAsync(message, content, done, late, now);
        bool isGone;
        try
        {
            isGone = await queue.ChangeAsync(rows =>
            {
                done.ForEach(one => QueueTables.Remove(rows, one.Recipient));
                foreach (TriedRecipient one in again)
                    QueueTables.Defer(rows, Deferred(one, now), now);
                if (notice is not null)
                    QueueTables.Insert(rows, notice.Message, notice.Recipients, Patience.AlarmOf(notice.Message, options), now);
                bool gone = QueueTables.RemoveIfDone(rows, message.Id);
                also(rows, !gone);
                return gone;
            });
        }
        catch
        {
            if (notice is not null)
                await queue.RemoveFileAsync(notice.Message.Id);
            throw;
        }

        if (notice is not null)
            queue.Announce(notice.Message, notice.Recipients);
        foreach (TriedRecipient one in tried)
            Log(message, one, now, isOver);
        if (!isGone)
            return;
        await queue.RemoveFileAsync(message.Id);
        QueueLog.Removed(log, message.Id);
    }

    private QueuedRecipient Deferred(TriedRecipient one, DateTimeOffset now)
    {
        int attempts = one.Recipient.Attempts + 1;
        return one.Recipient with
        {
            Attempts = attempts, Due = now + Patience.PauseAfter(options, attempts), Last = one.Status, LastHost = one.Host,
        };
    }

    private void Log(QueuedMessage message, TriedRecipient one, DateTimeOffset now, bool isOver)
    {
        string status = one.Status.IsSuccess ? "sent" : one.Status.IsPermanent ? "bounced" : isOver ? "expired" : "deferred";
        QueueLog.Attempted(
            log, message.Id, Short(one.Recipient.Path.ToString()), Short(one.Relay), (now - message.Arrived).TotalSeconds, one.Status.Status.ToString(), status,
            Short($"{one.Status.Code} {one.Status.Text}"));
    }

    private static string Short(string text) => text.Length <= MaxLogged ? text : text[..MaxLogged];

    private const int MaxLogged = 300;
}
