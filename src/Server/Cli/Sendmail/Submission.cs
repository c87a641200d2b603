using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using FullStack.Auth.Backends.Unix;
using FullStack.Server.Drop;
using FullStack.Smtp;
using FullStack.Smtp.Batch;

namespace FullStack.Server.Cli.Sendmail;

/// <summary>Sends one message: reads it, completes its header, finds its recipients, and drops it.</summary>
internal sealed class Submission(SendmailOptions options, DropPlace place, TimeProvider time)
{
    private readonly SystemUser _user = SystemUser.Current;

    private string OwnAddress => $"{_user.Name}@{place.Site.Domain}";

    /// <exception cref="CommandFailedException">It is no message that can be sent; nothing was dropped.</exception>
    /// <exception cref="IOException">It cannot be dropped.</exception>
    public async Task RunAsync(Stream input, CancellationToken ct)
    {
        SendmailInput message = new(input, options.IgnoresDots);
        SubmittedHeader header = await SubmittedHeader.ReadAsync(message, ct);
        Envelope envelope = new(SenderOf()) { Body = BodyType.EightBitMime, Dsn = new(options.Return, options.EnvelopeId), SmtpUtf8 = false };
        List<MailboxAddress> recipients = [.. RecipientsOf(header).DistinctBy(static address => address.ToString(), StringComparer.OrdinalIgnoreCase)];
        if (recipients.Count == 0)
            throw new CommandFailedException(ExitCode.Usage, options.RecipientsFromHeader ? "the header names no recipients" : "no recipients: name them, or let -t take them from the header");
        if (recipients.Exists(static address => !address.IsAscii) || envelope.Sender.Address is { IsAscii: false })
            envelope = new(envelope.Sender) { Body = envelope.Body, Dsn = envelope.Dsn, SmtpUtf8 = true };
        foreach (MailboxAddress recipient in recipients)
            envelope.Add(new(new(recipient), new Unresolved()) { Dsn = new(options.Notify, null) });
        header.Complete(OwnFields(envelope), place.Site.Domain);
        await DropAsync(envelope, header, message, ct);
    }

    private async Task DropAsync(Envelope envelope, SubmittedHeader header, SendmailInput message, CancellationToken ct)
    {
        using DroppedEnvelope drop = new(place.Folder.Create());
        await drop.BeginAsync(BatchEnvelope.Commands(envelope, time), ct);
        await drop.WriteAsync(header.Octets, ct);
        while (await message.NextAsync(ct) is { IsEmpty: false } piece)
        {
            await drop.WriteAsync(piece, ct);
            if (drop.Octets > place.Site.MaxOctets)
                throw new CommandFailedException(ExitCode.BadData, string.Create(CultureInfo.InvariantCulture, $"the message has more than {place.Site.MaxOctets} octets, which is all that this host takes"));
        }

        await drop.CommitAsync(ct);
    }

    private ReversePath SenderOf()
    {
        if (options.Sender is not { } named)
            return ReversePath.To(new(_user.Name, place.Site.Domain));
        if (named.Length == 0)
            return ReversePath.Null;
        return HeaderAddresses.Mailboxes(Encoding.UTF8.GetBytes(named), place.Site.Domain) is [MailboxAddress one]
            ? ReversePath.To(one) : throw new CommandFailedException(ExitCode.Usage, $"-f: {named} is no address");
    }

    private IEnumerable<MailboxAddress> RecipientsOf(SubmittedHeader header)
    {
        foreach (string operand in options.Recipients)
        {
            IReadOnlyList<MailboxAddress> found = HeaderAddresses.Mailboxes(Encoding.UTF8.GetBytes(operand), place.Site.Domain);
            if (found.Count == 0)
                throw new CommandFailedException(ExitCode.BadData, $"{operand} is no address");
            foreach (MailboxAddress address in found)
                yield return address;
        }

        if (!options.RecipientsFromHeader)
            yield break;
        foreach (MailboxAddress address in header.Recipients(place.Site.Domain))
            yield return address;
    }

    /// <summary>What the header says where the program left it out.</summary>
    private OwnFields OwnFields(Envelope envelope)
    {
        string name = options.FullName ?? (Environment.GetEnvironmentVariable("NAME") is { Length: > 0 } called ? called : _user.FullName);
        string address = envelope.Sender.Address?.ToString() ?? OwnAddress;
        DateTimeOffset now = time.GetLocalNow();
        string date = now.ToString("ddd, d MMM yyyy HH:mm:ss ", CultureInfo.InvariantCulture) + now.ToString("zzz", CultureInfo.InvariantCulture).Replace(":", "", StringComparison.Ordinal);
        string id = $"<{now.ToUniversalTime().ToString("yyyyMMddHHmmss", CultureInfo.InvariantCulture)}.{Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(8))}@{place.Site.HostName}>";
        return new(Mime.AddressList.Format(name, address), date, id);
    }

    /// <summary>The server finds out where it leads.</summary>
    private sealed record Unresolved : Route;
}

/// <summary>Values of fields that a message has to have.</summary>
internal sealed record OwnFields(string From, string Date, string MessageId);
