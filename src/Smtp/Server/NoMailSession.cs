using FullStack.Net;

namespace FullStack.Smtp.Server;

/// <summary>Tells a client that this host takes no mail: greets it with 521, and waits for its QUIT.</summary>
/// <remarks>RFC 7504 §3: whatever else it says, the connection may be closed.</remarks>
internal static class NoMailSession
{
    public static async Task RunAsync(MailConnection connection, SmtpOptions options, CancellationToken ct)
    {
        connection.Write(SmtpReply.NoMailGreeting(options.HostName).Octets);
        LineFrame frame = await connection.ReadLineAsync(SmtpSession.MaxLineOctets, options.CommandTimeout, ct: ct);
        bool quits = frame.Status == FrameStatus.Line && System.Text.Ascii.EqualsIgnoreCase(frame.Line.Span.TrimEnd((byte)' '), "QUIT"u8);
        connection.Write((quits ? SmtpReply.Goodbye : SmtpReply.NoMail).Octets);
        await connection.FlushAsync(ct);
    }
}
