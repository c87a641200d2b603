using FullStack.Net;
using Microsoft.Extensions.Logging;

namespace FullStack.Smtp.Server;

/// <summary>What a listener is for.</summary>
public enum SmtpRole
{
    /// <summary>Port 25: mail from other hosts for local domains.</summary>
    Relay,

    /// <summary>Ports 587 and 465: mail from our own users, who log in first (RFC 6409, RFC 8314).</summary>
    Submission,

    /// <summary>Mail from a neighbouring MTA for local mailboxes, with a reply for each recipient (RFC 2033).</summary>
    Lmtp,

    /// <summary>Port 366: hosts that log in and have the mail for their domains sent to them over the same connection (RFC 2645).</summary>
    OnDemand,

    /// <summary>No listener: commands of a program of this host, which lie ready or come over a pipe (RFC 2442, <c>sendmail</c>). Nobody waits for what becomes of recipients.</summary>
    Local,
}

/// <summary>The SMTP server protocol on one listener: makes one session for each connection.</summary>
public sealed class SmtpProtocol(SmtpRole role, SmtpEnvironment environment) : IMailProtocol
{
    internal SmtpRole Role => role;
    internal SmtpOptions Options => environment.Options;
    internal SmtpEnvironment Environment => environment;
    internal ILogger Log { get; } = environment.Loggers.CreateLogger("FullStack.Smtp");

    public Task RunAsync(MailConnection connection, CancellationToken ct) => role == SmtpRole.Relay && !Options.Extensions.AcceptsMail
        ? NoMailSession.RunAsync(connection, Options, ct)
        : new SmtpSession(this, connection).RunAsync(ct);

    public async Task RefuseAsync(MailConnection connection, string reason, CancellationToken ct)
    {
        SmtpLog.ConnectionRefused(Log, connection.Id, connection.RemoteEndPoint.Address, reason);
        connection.Write(SmtpReply.ConnectionRefused(Options.HostName, reason).Octets);
        await connection.FlushAsync(ct);
    }
}
