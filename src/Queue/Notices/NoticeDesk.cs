using System.Security.Cryptography;
using System.Text;
using FullStack.Queue.Routing;
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

    private readonly StrangerLimit _strangers = new();
    private readonly HostMessages _messages = new(parts);

    /// <summary>Makes the files of a notice to a message's sender, and of the copy of it where there is to be one.</summary>
    /// <param name="message">The message.</param>
    /// <param name="content">Its octets.</param>
    /// <param name="lines">What the sender is to be told.</param>
    /// <param name="now">The time.</param>
    /// <returns>What is to be put into the queue: none where nobody is to be told anything.</returns>
    /// <exception cref="IOException">A file cannot be made, or the message not be read. None is left.</exception>
    internal async Task<IReadOnlyList<PreparedNotice>> PrepareAsync(QueuedMessage message, MessageContent content, IReadOnlyList<NoticeLine> lines, DateTimeOffset now)
    {
        if (lines.Count == 0)
            return [];
        ReversePath told = message.Envelope.Verp is { } verp && lines is [NoticeLine only]
            ? verp.SenderFor(message.Envelope.Sender, only.Recipient.Path) : message.Envelope.Sender;
        if (told.Address is not { } sender)
        {
            QueueLog.NoticeDropped(parts.Log, message.Id, "it has no sender to tell");
            return [];
        }

        if (!message.Origin.IsTrusted && !_strangers.TryTake(parts.Options().NoticesToStrangers, now))
        {
            QueueLog.NoticeDropped(parts.Log, message.Id, "queue.notices_to_strangers is reached");
            return [];
        }

        List<PreparedNotice> prepared = [];
        try
        {
            if (await parts.ResolveAsync(sender, CancellationToken.None) is { } route)
                prepared.Add(await WriteAsync(message, content, new(lines, sender, route, IsCopy: false), now));
            else
                QueueLog.NoticeDropped(parts.Log, message.Id, "nobody has its sender's address");
            if (lines.Any(static line => line.Action == NoticeAction.Failed) && CopyTo is { } copyTo && await parts.ResolveAsync(copyTo, CancellationToken.None) is { } copyRoute)
                prepared.Add(await WriteAsync(message, content, new(lines, copyTo, copyRoute, IsCopy: true), now));
            return prepared;
        }
        catch (IOException)
        {
            await DropAsync(prepared);
            throw;
        }
    }

    /// <summary>Removes the files of notices that do not come into the queue.</summary>
    internal async Task DropAsync(IReadOnlyList<PreparedNotice> notices)
    {
        foreach (PreparedNotice notice in notices)
            await parts.Queue.RemoveFileAsync(notice.Message.Id);
    }

    private MailboxAddress? CopyTo
    {
        get
        {
            string text = parts.Options().NoticeCopies;
            int at = text.LastIndexOf('@');
            return at > 0 ? new(text[..at], text[(at + 1)..]) : null;
        }
    }

    /// <summary>A notice to be written.</summary>
    private sealed record Draft(IReadOnlyList<NoticeLine> Lines, MailboxAddress To, MailRoute Route, bool IsCopy);

    private async Task<PreparedNotice> WriteAsync(QueuedMessage about, MessageContent content, Draft draft, DateTimeOffset now)
    {
        QueueOptions options = parts.Options();
        bool isFull = !draft.IsCopy && draft.Lines.Any(static line => line.Action == NoticeAction.Failed) && about.Envelope.Dsn.Return != DsnReturn.Headers
            && about.Octets <= options.ReturnOctets && about.Envelope.Body != BodyType.BinaryMime;
        bool utf8 = about.Envelope.SmtpUtf8;
        Envelope envelope = new(ReversePath.Null) { SmtpUtf8 = utf8, Body = BodyType.EightBitMime };
        NoticeText text = new(about, draft.Lines, parts.HostName);
        PreparedNotice notice = await _messages.WriteAsync(envelope, draft.To, draft.Route, now, async (id, staged) =>
        {
            string boundary = $"=_{id}_{Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(8))}";
            await AddAsync(staged, text.Header(id, boundary, now, draft.IsCopy ? draft.To : null));
            await AddAsync(staged, $"--{boundary}\r\nContent-Type: text/plain; charset=utf-8\r\nContent-Transfer-Encoding: 8bit\r\n\r\n{text.ForPeople()}");
            await AddAsync(staged, $"\r\n--{boundary}\r\nContent-Type: message/{(utf8 ? "global-" : "")}delivery-status\r\n\r\n{text.ForPrograms(now)}");
            string returned = isFull ? utf8 ? "message/global" : "message/rfc822" : utf8 ? "message/global-headers" : "text/rfc822-headers";
            await AddAsync(staged, $"\r\n--{boundary}\r\nContent-Type: {returned}\r\nContent-Transfer-Encoding: 8bit\r\n\r\n");
            await ReturnAsync(staged, about, content, isFull);
            await AddAsync(staged, $"\r\n--{boundary}--\r\n");
        });
        QueueLog.NoticeMade(parts.Log, about.Id, notice.Message.Id, draft.To.ToString());
        return notice;
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
