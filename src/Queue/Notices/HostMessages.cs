using System.Globalization;
using FullStack.Queue.Delivery;
using FullStack.Queue.Routing;
using FullStack.Queue.Spool;
using FullStack.Smtp;
using FullStack.Store;

namespace FullStack.Queue.Notices;

/// <summary>Makes the files of messages that this host itself writes. Nobody is told what becomes of them.</summary>
internal sealed class HostMessages(NoticeParts parts)
{
    /// <summary>Makes the file of a message.</summary>
    /// <param name="envelope">Its sender and parameters, without recipients.</param>
    /// <param name="to">Who gets it.</param>
    /// <param name="route">Where that address leads.</param>
    /// <param name="now">The time.</param>
    /// <param name="writeAsync">Writes header and body; told the message's id.</param>
    /// <returns>What is to be put into the queue.</returns>
    /// <exception cref="IOException">The file cannot be made. None is left.</exception>
    public async Task<PreparedNotice> WriteAsync(Envelope envelope, MailboxAddress to, MailRoute route, DateTimeOffset now, Func<QueueId, StagedMessage, ValueTask> writeAsync)
    {
        QueueId id = parts.QueueIds.Next();
        envelope.Add(new(new(to), route));
        await using StagedMessage staged = parts.Store.Stage();
        byte[] fields = FinalTrace.Fields(envelope);
        await staged.WriteAsync(fields, CancellationToken.None);
        await writeAsync(id, staged);
        await staged.CompleteAsync(CancellationToken.None);
        Result<Nothing> spooled = await parts.Queue.SpoolAsync(id, staged);
        if (!spooled.Ok)
            throw new IOException(string.Create(CultureInfo.InvariantCulture, $"a message of this host's own cannot be spooled: {spooled.Error}"));
        QueuedMessage message = new()
        {
            Id = id, Envelope = envelope, Origin = MessageOrigin.Here, Arrived = now,
            Octets = staged.WireOctets - fields.Length, Skip = fields.Length - fields.AsSpan().Count((byte)'\n'),
        };
        return new(message, RecipientsOf(envelope.Sender, route, to));
    }

    private List<QueuedRecipient> RecipientsOf(ReversePath sender, MailRoute route, MailboxAddress to)
    {
        RecipientDsn never = new(DsnNotify.Never, null);
        return
        [
            .. route.Targets.Concat(route.Copies.SelectMany(static copy => copy.Targets)).Select(target => new QueuedRecipient { Path = new(to), Destination = Destinations.Of(target.Account), Dsn = never }),
            .. route.Elsewhere.Concat(route.Copies.SelectMany(static copy => copy.Elsewhere)).Select(elsewhere => new QueuedRecipient
            {
                Path = new(elsewhere), Destination = parts.Routes().HopFor(sender, elsewhere).Key, Dsn = never,
            }),
            .. route.Copies.SelectMany(static copy => copy.Actions).Select(action => new QueuedRecipient { Path = new(to), Destination = Destinations.Of(action), Dsn = never, Action = action }),
        ];
    }
}
