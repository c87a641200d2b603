using FullStack.Queue.Notices;
using FullStack.Queue.Relay;
using FullStack.Queue.Spool;
using FullStack.Smtp;
using FullStack.Store;
using FullStack.Store.Accounts;
using FullStack.Store.Index;
using FullStack.Store.Mailboxes;

namespace FullStack.Queue.Schedule;

/// <summary>Makes attempts, and writes down what they come to.</summary>
internal sealed class Attempts(AttemptParts parts) : IAttempts
{
    /// <summary>What becomes of a message that is given up.</summary>
    public static readonly DeliveryStatus Expired = new(554, new(5, 4, 7), "The message could not be delivered in time");

    /// <summary>Messages of which outcomes are written down at once, where many were left: their changes share a transaction.</summary>
    private const int WrittenTogether = 50;

    private int _lost;

    public async Task<AttemptOutcome> AttemptAsync(QueueId id, Lane lane, int failures, CancellationToken ct)
    {
        if (Destinations.AccountOf(lane.Destination) is not null)
            await parts.Queue.DirectlyDeliveredAsync(id, ct);
        QueueOptions options = parts.Options();
        DateTimeOffset now = parts.Time.GetUtcNow();
        (QueuedMessage? message, List<QueuedRecipient> due) = await parts.Queue.ReadAsync(queue =>
        {
            QueuedMessage? found = QueueTables.Find(queue, id);
            int most = found?.Envelope.Verp is null ? options.RecipientsPerAttempt : 1;
            return (found, QueueTables.Due(queue, id, lane.Destination, now, most));
        });
        if (message is null || due.Count == 0)
            return AttemptOutcome.Nothing;
        NextHop? hop = Destinations.IsLocal(lane.Destination) ? null : parts.Routes().HopFor(message.Envelope.Sender, due[0].Path.Address);
        if (hop is not null && hop.Key != lane.Destination)
            return await RedirectAsync(message, lane, due);

        Result<MessageContent> opened = await parts.Queue.OpenAsync(id);
        if (opened.Error == StoreError.NotFound)
            return await HoldAsync(message);
        if (!opened.Ok)
            throw new IOException($"{id} cannot be read: {opened.Error}");
        await using MessageContent content = opened.Value;
        if (await SettleFormerAsync(message, lane, content) is { } former)
            return former;
        if (Destinations.IsAction(lane.Destination))
            return await SettleAsync(message, lane, content, await ActionAttempt.RunAsync(parts, message, content, due, ct), now, failures: 0);
        if (hop is null)
            return await AttemptLocalAsync(message, lane, content, due, now, ct);
        RemoteAttempt attempt = new(parts, message, content);
        List<TriedRecipient> tried = await attempt.RunAsync(hop, due, ct);
        return await SettleAsync(message, lane, content, tried, now, attempt.IsUnreachable ? failures + 1 : 0);
    }

    /// <summary>Tries to hand a message over to whoever fetches it, for all its recipients that wait for that.</summary>
    /// <param name="id">The message, which may be gone by now.</param>
    /// <param name="destination">The domain that is fetched for.</param>
    /// <param name="ct">Cuts the attempt.</param>
    /// <exception cref="IOException">The queue cannot be used; nothing is written down.</exception>
    public async Task AttemptFetchedAsync(QueueId id, string destination, CancellationToken ct)
    {
        (QueuedMessage? message, List<QueuedRecipient> recipients) = await parts.Queue.ReadAsync(queue => (QueueTables.Find(queue, id), QueueTables.Recipients(queue, id)));
        if (message is null || message.IsHeld)
            return;
        int most = message.Envelope.Verp is null ? parts.Options().RecipientsPerAttempt : 1;
        foreach (QueuedRecipient[] some in recipients.Where(one => one.Destination == destination).Chunk(most))
        {
            Result<MessageContent> opened = await parts.Queue.OpenAsync(id);
            if (opened.Error == StoreError.NotFound)
            {
                await HoldAsync(message);
                return;
            }

            await using MessageContent content = opened.Ok ? opened.Value : throw new IOException($"{id} cannot be read: {opened.Error}");
            Lane lane = new(destination, -message.Envelope.Priority);
            if (await SettleFormerAsync(message, lane, content) is not null)
                return; // Those that were not tried are, when they are asked for again.
            RemoteAttempt attempt = new(parts, message, content);
            NextHop hop = parts.Routes().HopFor(message.Envelope.Sender, some[0].Path.Address);
            DateTimeOffset began = parts.Time.GetUtcNow();
            await SettleAsync(message, lane, content, await attempt.RunAsync(hop, some, ct), began, failures: 0);
        }
    }

    public async Task SeeToAsync(QueueId id, CancellationToken ct)
    {
        await parts.Queue.DirectlyDeliveredAsync(id, ct);
        Patience patience = Patience;
        DateTimeOffset now = parts.Time.GetUtcNow();
        (QueuedMessage? message, List<QueuedRecipient> recipients) = await parts.Queue.ReadAsync(queue => (QueueTables.Find(queue, id), QueueTables.Recipients(queue, id)));
        if (message is null || message.IsHeld)
            return;
        Result<MessageContent> opened = await parts.Queue.OpenAsync(id);
        if (opened.Error == StoreError.NotFound)
        {
            await HoldAsync(message);
            return;
        }

        await using MessageContent content = opened.Ok ? opened.Value : throw new IOException($"{id} cannot be read: {opened.Error}");
        QueuedRecipient[] waiting = [.. recipients.Where(static recipient => recipient.Outcome is null)];
        QueuedRecipient[] over = [.. waiting.Where(recipient => patience.EndOf(message, recipient) <= now)];
        QueuedRecipient[] late = [.. waiting.Except(over).Where(recipient => !recipient.IsWarned && patience.WarningOf(message, recipient) <= now)];
        Verdicts verdicts = new()
        {
            Tried = [.. over.Select(static recipient => new TriedRecipient(recipient, Expired, "none"))],
            Late = late,
            Kept = [.. recipients.Where(static recipient => recipient.Outcome is not null)],
        };
        await Settlement.WriteAsync(message, content, verdicts, (queue, left) =>
        {
            foreach (Lane lane in over.Select(recipient => new Lane(recipient.Destination, -message.Envelope.Priority)).Distinct())
                LaneTable.Settle(queue, lane.Destination, lane.Rank);
            if (left)
                QueueTables.SetAlarm(queue, id, patience.AlarmOf(message, waiting.Except(over).Except(late).Concat(late.Select(static one => one with { IsWarned = true }))));
        });
    }

    public async Task WriteDownAsync()
    {
        foreach (QueueId[] some in parts.Queue.Unwritten.Messages.Chunk(WrittenTogether))
        {
            bool[] written = await Task.WhenAll(some.Select(TryWriteDownAsync));
            if (!written.Contains(true))
                break; // The disk is as it was.
        }

        int left = parts.Queue.Unwritten.Count;
        if (left > 0 && left != _lost)
            QueueLog.OutcomesLost(parts.Log, left);
        _lost = left;
    }

    /// <returns>Whether nothing is left of a message that was not written down.</returns>
    private async Task<bool> TryWriteDownAsync(QueueId id)
    {
        try
        {
            if (await parts.Queue.ReadAsync(queue => QueueTables.Find(queue, id)) is not { } message)
            {
                parts.Queue.Forget(id);
                return true;
            }

            Result<MessageContent> opened = await parts.Queue.OpenAsync(id);
            if (!opened.Ok)
                return false;
            await using MessageContent content = opened.Value;
            foreach (string destination in parts.Queue.Unwritten.DestinationsOf(id))
                await SettleFormerAsync(message, new Lane(destination, -message.Envelope.Priority), content);
            return true;
        }
        catch (Exception e) when (e is IOException or ObjectDisposedException)
        {
            return false;
        }
    }

    private async Task<AttemptOutcome> AttemptLocalAsync(
        QueuedMessage message, Lane lane, MessageContent content, List<QueuedRecipient> due, DateTimeOffset began, CancellationToken ct)
    {
        // A name that can be no account's any more, after an upgrade: its mail goes back.
        if (Destinations.AccountOf(lane.Destination) is not AccountName account)
        {
            DeliveryStatus status = Delivery.StoreOutcome.StatusOf(StoreError.BadName, Delivery.OverQuota.Refuse);
            return await SettleAsync(message, lane, content, [.. due.Select(recipient => new TriedRecipient(recipient, status, "local"))], began, failures: 0);
        }

        List<TriedRecipient> tried = await LocalAttempt.RunAsync(parts, account, message, content, due, ct);
        AttemptOutcome outcome = await SettleAsync(message, lane, content, tried, began, failures: 0);
        parts.Queue.EndDelivery(message.Id, account);
        return outcome;
    }

    /// <summary>Writes down what an earlier attempt came to, where that could not be done then.</summary>
    /// <returns>Null: there is nothing of the kind.</returns>
    /// <exception cref="IOException">It still cannot be.</exception>
    private async Task<AttemptOutcome?> SettleFormerAsync(QueuedMessage message, Lane lane, MessageContent content)
    {
        if (parts.Queue.Unwritten.Find(message.Id, lane.Destination) is not { } former)
            return null;
        HashSet<long> rows = [.. (await parts.Queue.ReadAsync(queue => QueueTables.Recipients(queue, message.Id))).Select(static recipient => recipient.Row)];
        TriedRecipient[] tried = [.. former.Tried.Where(one => rows.Contains(one.Recipient.Row))]; // others were removed, and their rows may be another's
        AttemptOutcome outcome = tried.Length == 0 ? AttemptOutcome.Nothing with { MayHaveMore = true } : await WriteAsync(message, lane, content, former with { Tried = tried });
        parts.Queue.Unwritten.Remove(message.Id, lane.Destination);
        if (Destinations.AccountOf(lane.Destination) is AccountName account)
            parts.Queue.EndDelivery(message.Id, account);
        return outcome;
    }

    /// <summary>Writes down what an attempt came to.</summary>
    private async Task<AttemptOutcome> SettleAsync(
        QueuedMessage message, Lane lane, MessageContent content, List<TriedRecipient> tried, DateTimeOffset began, int failures)
    {
        DateTimeOffset now = parts.Time.GetUtcNow();
        tried = [.. tried.Select(one => one with { Recipient = one.Recipient with { LastTried = now }, Began = began })];
        parts.Metrics?.Tried(message, tried);
        UnwrittenOutcome outcome = new(tried, failures);
        try
        {
            return await WriteAsync(message, lane, content, outcome);
        }
        catch (IOException)
        {
            parts.Queue.Unwritten.Keep(message.Id, lane.Destination, outcome);
            throw;
        }
    }

    private async Task<AttemptOutcome> WriteAsync(QueuedMessage message, Lane lane, MessageContent content, UnwrittenOutcome outcome)
    {
        (IReadOnlyList<TriedRecipient> tried, int failures) = outcome;
        DateTimeOffset now = parts.Time.GetUtcNow();
        DateTimeOffset? pause = failures == 0 ? null : now + Patience.PauseOfDestination(message, tried[0].Recipient, tried[0].Kind, failures);
        await Settlement.WriteAsync(message, content, new() { Tried = tried, IsLogged = outcome.IsLogged }, (queue, _) =>
        {
            LaneTable.Settle(queue, lane.Destination, lane.Rank);
            if (pause is { } until)
                LaneTable.Pause(queue, lane.Destination, until, failures, tried[0].Status.Text);
            else
                LaneTable.Forgive(queue, lane.Destination);
        });
        return new(Reached: pause is null, MayHaveMore: true) { PausedUntil = pause, Failures = failures };
    }

    private Patience Patience => new(parts.Options(), parts.Routes());

    private Settlement Settlement => new(parts.Queue, parts.Notices, parts.Options(), Patience, parts.Time, parts.Log);

    /// <summary>Puts recipients under the destinations that the routes name now.</summary>
    private async Task<AttemptOutcome> RedirectAsync(QueuedMessage message, Lane lane, List<QueuedRecipient> due)
    {
        (QueuedRecipient Recipient, string Key)[] moved = [.. due.Select(recipient => (recipient, parts.Routes().HopFor(message.Envelope.Sender, recipient.Path.Address).Key))];
        DateTimeOffset now = parts.Time.GetUtcNow();
        await parts.Queue.ChangeAsync(queue =>
        {
            foreach ((QueuedRecipient recipient, string key) in moved)
                QueueTables.Redirect(queue, recipient, key, lane.Rank, now);
            return LaneTable.Settle(queue, lane.Destination, lane.Rank);
        });
        parts.Queue.Announce(message, [.. moved.Select(static one => one.Recipient with { Destination = one.Key })]);
        return AttemptOutcome.Nothing with { MayHaveMore = true };
    }

    /// <summary>Keeps a message back whose file is gone: nobody can deliver it, and its sender is told nothing wrong.</summary>
    private async Task<AttemptOutcome> HoldAsync(QueuedMessage message)
    {
        bool isThere = await parts.Queue.ChangeAsync(queue =>
        {
            QueueChanges changes = new(queue);
            bool found = changes.Hold(message.Id, parts.Time.GetUtcNow());
            changes.SettleLanes();
            return found;
        });
        if (isThere)
            QueueLog.FileLost(parts.Log, message.Id);
        return AttemptOutcome.Nothing;
    }
}
