using FullStack.Queue.Notices;
using FullStack.Queue.Spool;
using FullStack.Smtp;
using FullStack.Store.Index;
using FullStack.Store.Mailboxes;
using Microsoft.Extensions.Logging;

namespace FullStack.Queue.Schedule;

/// <summary>Writes down what became of recipients.</summary>
/// <remarks>
/// <para>
/// All of it is one transaction: recipients that are done with go, the others get the time of their next attempt, and a notice to the sender, whose file is made
/// before, comes. A crash before it leaves all to be tried again, one after it leaves at most a file without rows.
/// </para>
/// <para>
/// While other recipients of the message are being tried, those of which the sender is to be told stay with what became of them, and the message's alarm is set:
/// to now by the last of them, to a little later by the others, in case that the last one takes its time. What the alarm does is one notice about all.
/// </para>
/// </remarks>
internal sealed class Settlement(MessageQueue queue, NoticeDesk notices, QueueOptions options, Patience patience, TimeProvider time, ILogger log)
{
    /// <param name="message">The message.</param>
    /// <param name="content">Its octets, for notices.</param>
    /// <param name="verdicts">What became of recipients.</param>
    /// <param name="also">What else is changed; whether the message has recipients left.</param>
    /// <exception cref="IOException">Nothing is written down.</exception>
    public async Task WriteAsync(QueuedMessage message, MessageContent content, Verdicts verdicts, Action<IndexConnection, bool> also)
    {
        DateTimeOffset now = time.GetUtcNow();
        List<TriedRecipient> again = [.. verdicts.Tried.Where(one => one.Status.IsTemporary && patience.EndOf(message, one.Recipient) > now)];
        List<TriedRecipient> done = [.. verdicts.Tried.Except(again)];
        List<NoticeLine> lines = [.. done.Select(NoticeLine.Of).OfType<NoticeLine>()];
        bool waits = lines.Count > 0 && !message.Envelope.Sender.IsNull && await HasOthersAsync(message, verdicts, now);
        IReadOnlyList<NoticeLine> kept = waits ? lines : [];
        if (waits)
            lines = [];
        lines.AddRange(verdicts.Kept.Select(NoticeLine.OfKept));
        lines.AddRange(verdicts.Late.Select(late => NoticeLine.OfLate(late, patience.EndOf(message, late))).OfType<NoticeLine>());
        IReadOnlyList<PreparedNotice> prepared = [.. done.SelectMany(static one => one.Further), .. await notices.PrepareAsync(message, content, lines, now)];
        bool isGone;
        try
        {
            isGone = await queue.ChangeAsync(rows =>
            {
                RemoveDone(rows, [.. done.Select(static one => one.Recipient), .. verdicts.Kept], kept);
                foreach (TriedRecipient one in done.Where(static one => one.Then is not null))
                    QueueTables.Insert(rows, message, one.Following, now);
                foreach (TriedRecipient one in again)
                    QueueTables.Defer(rows, Deferred(message, one, now), now);
                foreach (QueuedRecipient late in verdicts.Late)
                    QueueTables.SetWarned(rows, late);
                foreach (PreparedNotice notice in prepared)
                    QueueTables.Insert(rows, notice.Message, notice.Recipients, patience.AlarmOf(notice.Message, notice.Recipients), now);
                bool gone = QueueTables.RemoveIfDone(rows, message.Id);
                also(rows, !gone);
                if (!gone && QueueTables.CountUnsettled(rows, message.Id, now, MaxCounted) is { Kept: > 0, Due: var due })
                    QueueTables.HastenAlarm(rows, message.Id, due > 0 ? now + options.NoticePause : now);
                return gone;
            });
        }
        catch
        {
            await notices.DropAsync(prepared);
            throw;
        }

        foreach (PreparedNotice notice in prepared)
            queue.Announce(notice.Message, notice.Recipients);
        foreach (TriedRecipient one in verdicts.IsLogged ? [] : verdicts.Tried)
            Log(message, one, now, isOver: !again.Contains(one));
        if (!isGone)
            return;
        queue.Forget(message.Id);
        await queue.RemoveFileAsync(message.Id);
        QueueLog.Removed(log, message.Id);
    }

    /// <summary>Whether the sender will be told of other recipients in a moment.</summary>
    private async Task<bool> HasOthersAsync(QueuedMessage message, Verdicts verdicts, DateTimeOffset now)
    {
        // With a sender for each recipient (XVERP) there is a notice for each, too.
        if (verdicts.Kept.Count + verdicts.Late.Count > 0 || options.NoticePause == TimeSpan.Zero || message.Envelope.Verp is not null)
            return false;
        int tried = verdicts.Tried.Count(one => one.Recipient.Due is null || one.Recipient.Due <= now);
        (int kept, int due) = await queue.ReadAsync(rows => QueueTables.CountUnsettled(rows, message.Id, now, tried + MaxCounted));
        return due > tried || kept > 0;
    }

    private static void RemoveDone(IndexConnection rows, IReadOnlyList<QueuedRecipient> done, IReadOnlyList<NoticeLine> kept)
    {
        Dictionary<long, NoticeLine> lines = kept.ToDictionary(static line => line.Recipient.Row);
        foreach (QueuedRecipient recipient in done)
        {
            if (lines.TryGetValue(recipient.Row, out NoticeLine? line))
                QueueTables.Keep(rows, recipient with { Last = line.Said, LastHost = line.Host, Outcome = new(line.Action, line.Status) });
            else
                QueueTables.Remove(rows, recipient);
        }
    }

    private QueuedRecipient Deferred(QueuedMessage message, TriedRecipient one, DateTimeOffset now)
    {
        int attempts = one.Recipient.Attempts + 1;
        return one.Recipient with
        {
            Attempts = attempts, Due = now + patience.PauseAfter(message, one.Recipient, one.Kind, attempts), Last = one.Status, LastHost = one.Host,
        };
    }

    private void Log(QueuedMessage message, TriedRecipient one, DateTimeOffset now, bool isOver)
    {
        string status = one.Status.IsSuccess ? "sent" : one.Status.IsPermanent ? "bounced" : isOver ? "expired" : "deferred";
        AttemptDelays delays = AttemptDelays.Of(message.Arrived, one.Recipient.Due ?? message.Arrived, one.Began ?? now, one.SetUp, now);
        QueueLog.Attempted(
            log, message.Id, Short(one.Recipient.Path.ToString()), Short(one.Relay), delays.Seconds, delays, one.Status.Status.ToString(), status, Short($"{one.Status.Code} {one.Status.Text}"));
    }

    private static string Short(string text) => text.Length <= MaxLogged ? text : text[..MaxLogged];

    private const int MaxLogged = 300;

    // One would do, but for rows that have an outcome already.
    private const int MaxCounted = 1000;
}
