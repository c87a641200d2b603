using System.IO.Pipelines;
using System.Net;
using FullStack.Auth.Backends.Unix;
using FullStack.Mime;
using FullStack.Net;
using FullStack.Server.Hosting;
using FullStack.Smtp;
using FullStack.Smtp.Batch;
using FullStack.Smtp.Server;
using Microsoft.Extensions.Logging.Abstractions;

namespace FullStack.Server.Cli.Sendmail;

/// <summary>SMTP with the program that called: every address is taken, and each message dropped for the server, which judges it.</summary>
internal static class LocalSession
{
    private const int MaxHeaderOctets = 64 * 1024;
    private const string BatchType = "application/batch-smtp";

    /// <summary>-bs: a session on standard input and output.</summary>
    public static async Task<int> RunAsync(DropPlace place, Terminal terminal, CancellationToken ct)
    {
        IPEndPoint here = new(IPAddress.Loopback, 0);
        await using MailConnection connection = new(
            new Ends(PipeReader.Create(terminal.InputOctets), PipeWriter.Create(terminal.OutputOctets)), ConnectionId.Next(), here, here, terminal.Time)
        {
            IsLocalSocket = true, LocalUser = SystemUser.CurrentNumber,
        };
        try
        {
            await ProtocolFor(place, terminal.Time).RunAsync(connection, ct);
        }
        catch (PeerGoneException)
        {
            // The program closed its end without QUIT; what was acknowledged is dropped.
        }

        return ExitCode.Ok;
    }

    /// <summary>-bS: a batch of commands, or a message that is one.</summary>
    /// <remarks>RFC 2442.</remarks>
    public static async Task<int> PlayAsync(DropPlace place, Terminal terminal, CancellationToken ct)
    {
        await using Stream batch = Unwrapped(terminal.InputOctets);
        BatchOutcome outcome = await new BatchPlayer(ProtocolFor(place, terminal.Time), terminal.Time).PlayAsync(batch, ConnectionId.Next(), SystemUser.CurrentNumber, ct);
        foreach (BatchRefusal refusal in outcome.Refusals)
            terminal.Error.WriteLine(string.Create(System.Globalization.CultureInfo.InvariantCulture, $"sendmail: line {refusal.Line}: {refusal.Command}: {refusal.Status.Code} {refusal.Status.Status} {refusal.Status.Text}"));
        if (outcome.EndedEarly || outcome.Refusals.Any(static refusal => refusal.Status.IsTemporary))
            return ExitCode.TryLater;
        return outcome.Refusals.Count > 0 || outcome.Accepted == 0 ? ExitCode.BadData : ExitCode.Ok;
    }

    /// <summary>The batch, out of the message whose body it is; what is no such message is taken for the batch itself.</summary>
    /// <exception cref="CommandFailedException">It is a message of another type.</exception>
    private static Stream Unwrapped(Stream input)
    {
        byte[] begin = new byte[MaxHeaderOctets];
        int length = input.ReadAtLeast(begin, begin.Length, throwOnEndOfStream: false);
        ReadOnlySpan<byte> text = begin.AsSpan(0, length);
        int line = text.IndexOf((byte)'\n');
        ReadOnlySpan<byte> first = line < 0 ? text : text[..line];
        int colon = first.IndexOf((byte)':');
        bool isMessage = colon > 0 && !first[..colon].Contains((byte)' ');
        if (!isMessage)
            return new Drop.PrefixedStream(begin[..length], input);

        if (LengthOfHeader(text) is not (> 0 and var end))
            throw new CommandFailedException(ExitCode.BadData, "a message without a body is no batch");
        HeaderBlock header = HeaderBlock.Parse(begin.AsMemory(0, end));
        string type = (header.Find("Content-Type")?.Text ?? "").Split(';')[0].Trim();
        if (!type.Equals(BatchType, StringComparison.OrdinalIgnoreCase))
            throw new CommandFailedException(ExitCode.BadData, $"the message is not of type {BatchType}");
        string encoding = (header.Find("Content-Transfer-Encoding")?.Text ?? "").Trim();
        return TransferEncodingField.Decoded(new Drop.PrefixedStream(begin[end..length], input), encoding);
    }

    /// <summary>With its empty line; 0 where there is none.</summary>
    private static int LengthOfHeader(ReadOnlySpan<byte> text)
    {
        for (int at = 0; text[at..].IndexOf((byte)'\n') is var end and >= 0; at += end + 1)
        {
            if (text.Slice(at, end).TrimEnd((byte)'\r').IsEmpty)
                return at + end + 1;
        }

        return 0;
    }

    private static SmtpProtocol ProtocolFor(DropPlace place, TimeProvider time) => new(SmtpRole.Local, new()
    {
        Options = new() { HostName = place.Site.HostName, MessageSizeLimit = place.Site.MaxOctets },
        Recipients = new AnyRecipient(),
        Sink = new DropSink(place.Folder, time),
        Authenticator = null,
        Tls = null,
        QueueIds = new(time),
        Time = time,
        Loggers = NullLoggerFactory.Instance,
    });

    private sealed record Ends(PipeReader Input, PipeWriter Output) : IDuplexPipe;
}
