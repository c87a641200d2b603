using FullStack.Smtp;
using FullStack.Store.Index;

namespace FullStack.Queue.Spool;

/// <summary>The statements about messages and their recipients. Lanes are looked after by <see cref="LaneTable"/>.</summary>
internal static class QueueTables
{
    /// <summary>The <c>due</c> of a recipient whose message is held.</summary>
    public const long Never = long.MaxValue / 4;

    /// <summary>The <c>due</c> of a recipient that no attempt is made for until its mail is fetched: the year 9000.</summary>
    public const long UntilFetched = 221_845_392_000_000;

    private const string MessageColumns = "id, sender, envelope, origin, arrived, octets, skip, held, kept";

    private const string RecipientColumns = "id, address, destination, details, due, attempts, code, status, said, host, tried, warned, outcome";

    /// <summary>Where a message's id stands behind <see cref="RecipientColumns"/>.</summary>
    private const int MessageColumn = 13;

    /// <summary>Puts a message and its recipients into the queue.</summary>
    /// <returns>The recipients with their rows.</returns>
    public static IReadOnlyList<QueuedRecipient> Insert(
        IndexConnection queue, QueuedMessage message, IReadOnlyList<QueuedRecipient> recipients, DateTimeOffset? alarm, DateTimeOffset now)
    {
        List<QueuedRecipient> inserted = new(recipients.Count);
        queue.Execute(
            $"INSERT INTO messages ({MessageColumns}, alarm) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)",
            message.Id.Number, Text(message.Envelope.Sender.Address), StoredEnvelope.Write(message.Envelope), StoredOrigin.Write(message.Origin),
            Milliseconds(message.Arrived), message.Octets, message.Skip, message.IsHeld ? Milliseconds(now) : 0L,
            (long)message.Kept.TotalMilliseconds, Milliseconds(alarm));
        foreach (QueuedRecipient recipient in recipients)
            inserted.Add(Insert(queue, message, recipient, now));
        return inserted;
    }

    /// <summary>Adds a recipient to a message.</summary>
    /// <returns>It with its row.</returns>
    public static QueuedRecipient Insert(IndexConnection queue, QueuedMessage message, QueuedRecipient recipient, DateTimeOffset now)
    {
        long rank = -message.Envelope.Priority;
        long due = message.IsHeld ? Never : recipient.Due is { } later ? Milliseconds(later) : DueAtOnce(recipient.Destination, now);
        long row = queue.Query(
            "INSERT INTO recipients (message, address, destination, rank, due, attempts, details, code, status, said, host, tried, domain)"
                + " VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13) RETURNING id",
            static r => r.GetInt64(0), message.Id.Number, Text(recipient.Path.Address), recipient.Destination, rank, due, (long)recipient.Attempts, StoredRecipient.Write(recipient),
            (long?)recipient.Last?.Code, recipient.Last?.Status.ToString(), recipient.Last?.Text, recipient.LastHost, Milliseconds(recipient.LastTried),
            recipient.Path.Address.Domain.ToLowerInvariant())[0];
        LaneTable.Add(queue, recipient.Destination, rank, due);
        return recipient with { Row = row };
    }

    /// <summary>Finds a message; null where it is not in the queue.</summary>
    public static QueuedMessage? Find(IndexConnection queue, QueueId id)
        => queue.Query($"SELECT {MessageColumns} FROM messages WHERE id = $1", ReadMessage, id.Number).SingleOrDefault();

    public static bool Exists(IndexConnection queue, QueueId id) => queue.Query("SELECT 1 FROM messages WHERE id = $1", static r => r.GetInt64(0), id.Number).Count > 0;

    /// <summary>All messages from one on, in the order of their ids.</summary>
    public static List<QueuedMessage> List(IndexConnection queue, QueueId after, int most)
        => queue.Query($"SELECT {MessageColumns} FROM messages WHERE id > $1 ORDER BY id LIMIT $2", ReadMessage, after.Number, (long)most);

    /// <summary>All recipients of a message.</summary>
    public static List<QueuedRecipient> Recipients(IndexConnection queue, QueueId id)
        => queue.Query($"SELECT {RecipientColumns} FROM recipients WHERE message = $1 ORDER BY id", ReadRecipient, id.Number);

    /// <summary>All recipients of the messages from one id to another, by the message.</summary>
    public static ILookup<QueueId, QueuedRecipient> Recipients(IndexConnection queue, QueueId first, QueueId last)
        => queue.Query(
            $"SELECT {RecipientColumns}, message FROM recipients WHERE message >= $1 AND message <= $2 ORDER BY message, id",
            static r => (Message: new QueueId(r.GetInt64(MessageColumn)), Recipient: ReadRecipient(r)), first.Number, last.Number)
            .ToLookup(static one => one.Message, static one => one.Recipient);

    /// <summary>The recipients of a message that may be tried now at one destination.</summary>
    public static List<QueuedRecipient> Due(IndexConnection queue, QueueId id, string destination, DateTimeOffset now, int most)
        => queue.Query(
            $"SELECT {RecipientColumns} FROM recipients WHERE message = $1 AND destination = $2 AND due <= $3 ORDER BY id LIMIT $4",
            ReadRecipient, id.Number, destination, Milliseconds(now), (long)most);

    /// <summary>Messages about which something has to be done now apart from attempts, the most urgent first.</summary>
    public static List<QueueId> Alarming(IndexConnection queue, DateTimeOffset now, int most)
        => queue.Query("SELECT id FROM messages WHERE alarm <= $1 ORDER BY alarm LIMIT $2", static r => new QueueId(r.GetInt64(0)), Milliseconds(now), (long)most);

    /// <summary>When that is the next time; null: never.</summary>
    public static DateTimeOffset? NextAlarm(IndexConnection queue)
        => queue.Query("SELECT min(alarm) FROM messages WHERE alarm IS NOT NULL", static r => r.IsNull(0) ? (DateTimeOffset?)null : Time(r.GetInt64(0)))[0];

    public static void SetAlarm(IndexConnection queue, QueueId id, DateTimeOffset? alarm)
        => queue.Execute("UPDATE messages SET alarm = $2 WHERE id = $1", id.Number, Milliseconds(alarm));

    /// <summary>Has something done about a message no later than at some time.</summary>
    public static void HastenAlarm(IndexConnection queue, QueueId id, DateTimeOffset latest)
        => queue.Execute("UPDATE messages SET alarm = min(alarm, $2) WHERE id = $1", id.Number, Milliseconds(latest));

    /// <summary>Notes that the sender has been told that a recipient is late.</summary>
    public static void SetWarned(IndexConnection queue, QueuedRecipient recipient) => queue.Execute("UPDATE recipients SET warned = 1 WHERE id = $1", recipient.Row);

    /// <summary>Keeps a recipient that is done with until its sender is told, in no lane.</summary>
    public static void Keep(IndexConnection queue, QueuedRecipient recipient)
        => queue.Execute(
            "UPDATE recipients SET destination = '', due = $2, code = $3, status = $4, said = $5, host = $6, tried = $7, outcome = $8 WHERE id = $1",
            recipient.Row, Never, (long?)recipient.Last?.Code, recipient.Last?.Status.ToString(), recipient.Last?.Text, recipient.LastHost,
            Milliseconds(recipient.LastTried), StoredOutcome.Write(recipient.Outcome!));

    /// <summary>How many recipients of a message there are of which the sender is to be told soon, and how many that may be tried now; no more are counted than a number.</summary>
    public static (int Kept, int Due) CountUnsettled(IndexConnection queue, QueueId id, DateTimeOffset now, int most)
        => queue.Query(
            "SELECT count(outcome), count(*) - count(outcome) FROM (SELECT outcome FROM recipients WHERE message = $1 AND (due <= $2 OR outcome IS NOT NULL) LIMIT $3)",
            static r => ((int)r.GetInt64(0), (int)r.GetInt64(1)), id.Number, Milliseconds(now), (long)most)[0];

    /// <summary>Notes an attempt that failed for now.</summary>
    public static void Defer(IndexConnection queue, QueuedRecipient recipient, DateTimeOffset now)
        => queue.Execute( // what is to be fetched has no next time
            "UPDATE recipients SET due = CASE WHEN (SELECT held FROM messages WHERE messages.id = recipients.message) THEN due ELSE $2 END,"
                + " attempts = $3, code = $4, status = $5, said = $6, host = $7, tried = $8 WHERE id = $1",
            recipient.Row, Destinations.IsToBeFetched(recipient.Destination) ? UntilFetched : Milliseconds(recipient.Due ?? now), (long)recipient.Attempts, (long?)recipient.Last?.Code, recipient.Last?.Status.ToString(),
            recipient.Last?.Text, recipient.LastHost, Milliseconds(recipient.LastTried));

    /// <summary>Puts a recipient under another destination, to be tried there at once.</summary>
    public static void Redirect(IndexConnection queue, QueuedRecipient recipient, string destination, long rank, DateTimeOffset now)
    {
        queue.Execute("UPDATE recipients SET destination = $2, due = $3 WHERE id = $1 AND due < $4", recipient.Row, destination, DueAtOnce(destination, now), Never);
        LaneTable.Add(queue, destination, rank, DueAtOnce(destination, now));
    }

    /// <summary>Takes a recipient out that is done with.</summary>
    public static void Remove(IndexConnection queue, QueuedRecipient recipient) => queue.Execute("DELETE FROM recipients WHERE id = $1", recipient.Row);

    /// <summary>Takes a message out that has no recipients left.</summary>
    /// <returns>Whether it went, so that its file may go.</returns>
    public static bool RemoveIfDone(IndexConnection queue, QueueId id)
        => queue.Execute("DELETE FROM messages WHERE id = $1 AND NOT EXISTS (SELECT 1 FROM recipients WHERE message = $1)", id.Number) > 0;

    /// <summary>The largest id there is.</summary>
    public static QueueId Last(IndexConnection queue)
        => new(queue.Query("SELECT max(id) FROM messages", static r => r.IsNull(0) ? 0 : r.GetInt64(0))[0]);

    /// <summary>When what is to be tried at once is due.</summary>
    private static long DueAtOnce(string destination, DateTimeOffset now) => Destinations.IsToBeFetched(destination) ? UntilFetched : Milliseconds(now);

    public static long Milliseconds(DateTimeOffset time) => time.ToUnixTimeMilliseconds();

    public static DateTimeOffset Time(long milliseconds) => DateTimeOffset.FromUnixTimeMilliseconds(milliseconds);

    private static long? Milliseconds(DateTimeOffset? time) => time?.ToUnixTimeMilliseconds();

    // Unquoted: the last @ is the one between the parts, for no domain holds one.
    private static string Text(MailboxAddress? address) => address is null ? "" : $"{address.LocalPart}@{address.Domain}";

    private static MailboxAddress AddressOf(string text)
    {
        int at = text.LastIndexOf('@');
        return new(text[..at], text[(at + 1)..]);
    }

    private static QueuedMessage ReadMessage(IndexRow row)
    {
        string sender = row.GetString(1);
        return new()
        {
            Id = new(row.GetInt64(0)),
            Envelope = StoredEnvelope.Read(sender.Length == 0 ? ReversePath.Null : ReversePath.To(AddressOf(sender)), row.GetString(2)),
            Origin = StoredOrigin.Read(row.GetString(3)),
            Arrived = Time(row.GetInt64(4)),
            Octets = row.GetInt64(5),
            Skip = row.GetInt64(6),
            IsHeld = row.GetInt64(7) != 0,
            Kept = TimeSpan.FromMilliseconds(row.GetInt64(8)),
        };
    }

    private static QueuedRecipient ReadRecipient(IndexRow row)
    {
        StoredRecipient details = StoredRecipient.Read(row.GetString(3));
        return new()
        {
            Row = row.GetInt64(0),
            Path = new(AddressOf(row.GetString(1))),
            Destination = row.GetString(2),
            Dsn = details.Dsn,
            ValidSince = details.ValidSinceTime,
            ValidSinceMayLapse = details.ValidSinceMayLapse ?? false,
            Action = details.Action,
            Copy = details.Copy?.ToCopy(),
            Due = row.GetInt64(4) >= Never ? null : Time(row.GetInt64(4)),
            Attempts = (int)row.GetInt64(5),
            Last = row.IsNull(6) ? null : new((int)row.GetInt64(6), StoredStatus.Read(row.GetString(7)), row.GetString(8)),
            LastHost = row.IsNull(9) ? null : row.GetString(9),
            LastTried = row.IsNull(10) ? null : Time(row.GetInt64(10)),
            IsWarned = row.GetInt64(11) != 0,
            Outcome = row.IsNull(12) ? null : StoredOutcome.Read(row.GetString(12)),
        };
    }
}
