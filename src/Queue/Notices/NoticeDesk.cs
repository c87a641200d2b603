using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using FullStack.Queue.Delivery;
using FullStack.Queue.Routing;
using FullStack.Queue.Schedule;
using FullStack.Queue.Spool;
using FullStack.Smtp;
using FullStack.Store;
using FullStack.Store.Mailboxes;

namespace FullStack.Queue.Notices;

/// <summary>Tells senders what became of their messages, as far as they want to know.</summary>
/// <remarks>
/// RFC 3461 §5 and §6, RFC 3464. A notice has no sender, so that there is never one about it (RFC 3461 §6.1). Its file is made here; the caller puts it into
/// the queue in the transaction in which recipients are done with, so that there is one notice and no more, whatever happens in between.
/// </remarks>
public sealed class NoticeDesk(NoticeParts parts)
{
    /// <summary>Of a header longer than that only the beginning is returned.</summary>
    private const int MaxHeaderOctets = 64 * 1024;

    private const int PieceOctets = 16 * 1024;

    private static readonly EnhancedStatus s_timeOver = new(4, 4, 7);

    private readonly StrangerLimit _strangers = new();

    /// <summary>Makes the notice about recipients that are done with, and such that are late.</summary>
    /// <returns>The notice, its file made; null where the sender is to be told nothing.</returns>
    /// <exception cref="IOException">Its file cannot be made, or the message not be read.</exception>
    internal async Task<PreparedNotice?> PrepareAsync(
        QueuedMessage message, MessageContent content, IReadOnlyList<TriedRecipient> done, IReadOnlyList<QueuedRecipient> late, DateTimeOffset now)
    {
        List<NoticeLine> lines = [.. done.Select(LineOf).OfType<NoticeLine>(), .. late.Where(static one => one.Dsn.Wants(DsnNotify.Delay)).Select(LineOf)];
        if (lines.Count == 0)
            return null;
        ReversePath told = message.Envelope.Verp is { } verp && lines is [NoticeLine only]
            ? verp.SenderFor(message.Envelope.Sender, only.Recipient.Path) : message.Envelope.Sender;
        if (told.Address is not { } sender)
        {
            QueueLog.NoticeDropped(parts.Log, message.Id, "it has no sender to tell");
            return null;
        }

        if (!message.Origin.IsTrusted && !_strangers.TryTake(parts.Options().NoticesToStrangers, now))
        {
            QueueLog.NoticeDropped(parts.Log, message.Id, "queue.notices_to_strangers is reached");
            return null;
        }

        if (await parts.ResolveAsync(sender, CancellationToken.None) is not { } route)
        {
            QueueLog.NoticeDropped(parts.Log, message.Id, "nobody has its sender's address");
            return null;
        }

        return await WriteAsync(message, content, lines, sender, route, now);
    }

    private static NoticeLine? LineOf(TriedRecipient one)
    {
        QueuedRecipient recipient = one.Recipient;
        if (one.Status.IsSuccess)
        {
            // Only where it was asked for, and nobody further on will tell (RFC 3461 §5.2.2).
            bool tells = recipient.Dsn.Notify is { } wanted && wanted.HasFlag(DsnNotify.Success) && !one.DsnPassedOn;
            return tells ? new(recipient, one.IsFinal ? NoticeAction.Delivered : NoticeAction.Relayed, one.Status.Status with { Class = 2 }, null, one.Host) : null;
        }

        if (!recipient.Dsn.Wants(DsnNotify.Failure))
            return null;
        if (one.Status.IsTemporary)
            return new(recipient, NoticeAction.Failed, s_timeOver, one.Status, one.Host);
        return one.Status == Attempts.Expired && recipient.Last is { } last
            ? new(recipient, NoticeAction.Failed, one.Status.Status, last, recipient.LastHost)
            : new(recipient, NoticeAction.Failed, one.Status.Status, one.Status, one.Host);
    }

    private static NoticeLine LineOf(QueuedRecipient late)
        => new(late, NoticeAction.Delayed, late.Last?.Status ?? new(4, 4, 7), late.Last, late.LastHost);

    private async Task<PreparedNotice> WriteAsync(
        QueuedMessage about, MessageContent content, List<NoticeLine> lines, MailboxAddress sender, MailRoute route, DateTimeOffset now)
    {
        QueueOptions options = parts.Options();
        QueueId id = parts.QueueIds.Next();
        bool isFull = lines.Exists(static line => line.Action == NoticeAction.Failed) && about.Envelope.Dsn.Return != DsnReturn.Headers
            && about.Octets <= options.ReturnOctets && about.Envelope.Body != BodyType.BinaryMime;
        bool utf8 = about.Envelope.SmtpUtf8;
        Envelope envelope = new(ReversePath.Null) { SmtpUtf8 = utf8, Body = BodyType.EightBitMime };
        envelope.Add(new(new(sender), route));
        string boundary = $"=_{id}_{Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(8))}";
        NoticeText text = new(about, lines, parts.HostName, Patience.EndOf(about, options));

        await using StagedMessage staged = parts.Store.Stage();
        byte[] fields = FinalTrace.Fields(envelope);
        await staged.WriteAsync(fields, CancellationToken.None);
        await AddAsync(staged, text.Header(id, boundary, now, eightBit: true));
        await AddAsync(staged, $"--{boundary}\r\nContent-Type: text/plain; charset=utf-8\r\nContent-Transfer-Encoding: 8bit\r\n\r\n{text.ForPeople()}");
        await AddAsync(staged, $"\r\n--{boundary}\r\nContent-Type: message/{(utf8 ? "global-" : "")}delivery-status\r\n\r\n{text.ForPrograms(now)}");
        string returned = isFull ? utf8 ? "message/global" : "message/rfc822" : utf8 ? "message/global-headers" : "text/rfc822-headers";
        await AddAsync(staged, $"\r\n--{boundary}\r\nContent-Type: {returned}\r\nContent-Transfer-Encoding: 8bit\r\n\r\n");
        await ReturnAsync(staged, about, content, isFull);
        await AddAsync(staged, $"\r\n--{boundary}--\r\n");
        await staged.CompleteAsync(CancellationToken.None);

        Result<Nothing> spooled = await parts.Queue.SpoolAsync(id, staged);
        if (!spooled.Ok)
            throw new IOException(string.Create(CultureInfo.InvariantCulture, $"a notice cannot be spooled: {spooled.Error}"));
        QueuedMessage notice = new()
        {
            Id = id, Envelope = envelope, Origin = MessageOrigin.Here, Arrived = now,
            Octets = staged.WireOctets - fields.Length, Skip = fields.Length - fields.AsSpan().Count((byte)'\n'),
        };
        QueueLog.NoticeMade(parts.Log, about.Id, id, sender.ToString());
        return new(notice, RecipientsOf(route, sender));
    }

    private List<QueuedRecipient> RecipientsOf(MailRoute route, MailboxAddress sender)
    {
        RecipientDsn never = new(DsnNotify.Never, null);
        return
        [
            .. route.Targets.Select(target => new QueuedRecipient { Path = new(sender), Destination = Destinations.Of(target.Account), Dsn = never }),
            .. route.Elsewhere.Select(elsewhere => new QueuedRecipient
            {
                Path = new(elsewhere), Destination = parts.Routes().HopFor(ReversePath.Null, elsewhere).Key, Dsn = never,
            }),
        ];
    }

    private static ValueTask AddAsync(StagedMessage staged, string text) => staged.WriteAsync(Encoding.UTF8.GetBytes(text), CancellationToken.None);

    /// <summary>Copies the message, or its header.</summary>
    private static async Task ReturnAsync(StagedMessage staged, QueuedMessage about, MessageContent content, bool isFull)
    {
        await using WireStream octets = content.OpenWire(about.Skip, content.StoredOctets - about.Skip);
        byte[] piece = new byte[PieceOctets];
        if (isFull)
        {
            int read;
            while ((read = await octets.ReadAsync(piece)) > 0)
                await staged.WriteAsync(piece.AsMemory(0, read), CancellationToken.None);
            return;
        }

        byte[] header = new byte[MaxHeaderOctets];
        int length = await octets.ReadAtLeastAsync(header, header.Length, throwOnEndOfStream: false);
        int end = header.AsSpan(0, length).IndexOf("\r\n\r\n"u8);
        if (end < 0)
            end = header.AsSpan(0, length).LastIndexOf("\r\n"u8); // Cut between lines.
        await staged.WriteAsync(header.AsMemory(0, end < 0 ? length : end + 2), CancellationToken.None);
    }
}
