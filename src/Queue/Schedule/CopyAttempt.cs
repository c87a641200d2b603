using System.Globalization;
using System.Text;
using FullStack.Mime;
using FullStack.Queue.Notices;
using FullStack.Queue.Routing;
using FullStack.Queue.Spool;
using FullStack.Smtp;
using FullStack.Store;
using FullStack.Store.Accounts;
using FullStack.Store.Mailboxes;

namespace FullStack.Queue.Schedule;

/// <summary>Makes of a queued message the messages as which it goes on: forwarded, to the members of a list, to programs and files.</summary>
/// <remarks>
/// Each has a file, a sender and recipients of its own, and comes into the queue in the transaction in which the recipient that leads to it goes: once, whatever
/// happens. Its file begins with the address that passed it on, as Delivered-To; a message that comes with this field for the same address has been here before.
/// </remarks>
internal sealed class CopyAttempt(AttemptParts parts, QueuedMessage message, MessageContent content)
{
    /// <summary>Of a longer header only the beginning is looked at.</summary>
    private const int MaxHeaderOctets = 256 * 1024;

    private const int PieceOctets = 64 * 1024;
    private const string Relay = "forward";
    private const string DeliveredTo = "Delivered-To";

    private static readonly DeliveryStatus s_loop = new(554, new(5, 4, 6), "The message has been forwarded from that address before: it goes round in circles");

    /// <summary>Makes them for one recipient.</summary>
    /// <exception cref="IOException">The message cannot be read, or a file not be made.</exception>
    public async Task<TriedRecipient> RunAsync(QueuedRecipient recipient, ForwardedCopy copy, CancellationToken ct)
    {
        if (await HasPassedAsync(copy.From, ct))
            return new(recipient, s_loop, Relay);
        ReversePath sender = message.Envelope.Sender;
        bool isOwned = copy.Owner is not null && !sender.IsNull; // What is about other mail must not cause more of it: a list's notices keep nobody as their sender.
        ReversePath listed = isOwned ? ReversePath.To(copy.Owner!) : sender;
        ReversePath outside = isOwned ? parts.Masquerade().SenderOf(listed) : await parts.SenderElsewhereAsync(sender, ct);
        List<PreparedNotice> made = [];
        try
        {
            List<QueuedRecipient> away = [.. copy.Elsewhere.Select(address => Row(recipient, isOwned, new(address), parts.Routes().HopFor(outside, address).Key))];
            List<QueuedRecipient> here = [.. Here(recipient, copy, isOwned)];
            if (outside == listed)
                made.Add(await MakeAsync(copy.From, outside, isOwned, [.. away, .. here], ct));
            else
            {
                if (away.Count > 0)
                    made.Add(await MakeAsync(copy.From, outside, isOwned, away, ct));
                if (here.Count > 0)
                    made.Add(await MakeAsync(copy.From, listed, isOwned, here, ct));
            }
        }
        catch
        {
            foreach (PreparedNotice one in made)
                await parts.Queue.RemoveFileAsync(one.Message.Id);
            throw;
        }

        foreach (PreparedNotice one in made)
            QueueLog.Forwarded(parts.Log, message.Id, one.Message.Id, one.Message.Envelope.Sender.ToString(), one.Recipients.Count, copy.From.ToString());
        DeliveryStatus passed = new(250, new(2, 1, 5), string.Create(CultureInfo.InvariantCulture, $"Goes on as {string.Join(", ", made.Select(static one => one.Message.Id))}"));
        return new(recipient, passed, Relay) { IsFinal = isOwned, DsnPassedOn = !isOwned, Further = made };
    }

    private IEnumerable<QueuedRecipient> Here(QueuedRecipient recipient, ForwardedCopy copy, bool isOwned)
    {
        foreach (LocalTarget target in copy.Targets)
            yield return Row(recipient, isOwned, recipient.Path, Destinations.Of(target.Account));
        foreach (Programs.LocalAction action in copy.Actions)
            yield return Row(recipient, isOwned, recipient.Path, Destinations.Of(action)) with { Action = action };
    }

    /// <summary>One recipient of a copy. What the sender wanted to be told goes along; a list's owner is told what owners are told.</summary>
    private static QueuedRecipient Row(QueuedRecipient recipient, bool isOwned, ForwardPath path, string destination)
    {
        RecipientDsn dsn = isOwned ? RecipientDsn.Default
            : recipient.Dsn.Original is null && path != recipient.Path && recipient.Path.Address.IsAscii ? recipient.Dsn with { Original = new("rfc822", recipient.Path.Address.ToString()) }
            : recipient.Dsn;
        return new() { Path = path, Destination = destination, Dsn = dsn, ValidSince = recipient.ValidSince, ValidSinceMayLapse = recipient.ValidSinceMayLapse };
    }

    private async Task<PreparedNotice> MakeAsync(MailboxAddress from, ReversePath sender, bool isOwned, IReadOnlyList<QueuedRecipient> recipients, CancellationToken ct)
    {
        QueueId id = parts.QueueIds.Next();
        byte[] fields = Encoding.UTF8.GetBytes($"Return-Path: {sender}\r\n");
        byte[] passed = Encoding.UTF8.GetBytes($"{DeliveredTo}: {from}\r\n");
        await using StagedMessage staged = parts.Store.Stage();
        await staged.WriteAsync(fields, ct);
        await staged.WriteAsync(passed, ct);
        await using (WireStream octets = content.OpenWire(message.Skip, content.StoredOctets - message.Skip))
        {
            byte[] piece = new byte[PieceOctets];
            int read;
            while ((read = await octets.ReadAsync(piece, ct)) > 0)
                await staged.WriteAsync(piece.AsMemory(0, read), ct);
        }

        await staged.CompleteAsync(ct);
        Result<Nothing> spooled = await parts.Queue.SpoolAsync(id, staged);
        if (!spooled.Ok)
            throw new IOException(string.Create(CultureInfo.InvariantCulture, $"a forwarded message cannot be spooled: {spooled.Error}"));
        QueuedMessage made = new()
        {
            Id = id,
            Envelope = StoredEnvelope.Read(sender, StoredEnvelope.Write(message.Envelope), isOwned),
            Origin = message.Origin,
            Arrived = parts.Time.GetUtcNow(),
            Octets = staged.WireOctets - fields.Length,
            Skip = fields.Length - fields.AsSpan().Count((byte)'\n'),
        };
        return new(made, recipients);
    }

    /// <summary>Whether the header says that an address has passed the message on.</summary>
    private async Task<bool> HasPassedAsync(MailboxAddress address, CancellationToken ct)
    {
        byte[] header = new byte[(int)Math.Min(MaxHeaderOctets, Math.Max(0, content.StoredOctets - message.Skip))];
        int length = 0;
        while (length < header.Length)
        {
            int read = await content.ReadAsync(header.AsMemory(length), message.Skip + length, ct);
            if (read == 0)
                break;
            length += read;
            if (header.AsSpan(0, length).IndexOf("\n\n"u8) >= 0)
                break;
        }

        string wanted = address.ToString();
        return HeaderBlock.Parse(header.AsMemory(0, length)).FindAll(DeliveredTo)
            .Any(field => Encoding.UTF8.GetString(field.Unfolded.Span).Trim('<', '>', ' ').Equals(wanted, StringComparison.OrdinalIgnoreCase));
    }
}
