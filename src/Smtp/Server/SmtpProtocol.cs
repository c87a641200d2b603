using FullStack.Auth;
using FullStack.Net;
using FullStack.Net.Tls;
using Microsoft.Extensions.Logging;

namespace FullStack.Smtp.Server;

/// <summary>What a listener is for.</summary>
public enum SmtpRole
{
    /// <summary>Port 25: mail from other hosts for local domains.</summary>
    Relay,

    /// <summary>Ports 587 and 465: mail from our own users, who log in first (RFC 6409, RFC 8314).</summary>
    Submission,
}

/// <summary>The SMTP server protocol: makes one session for each connection.</summary>
/// <param name="role">What the listener is for.</param>
/// <param name="options">Limits and times.</param>
/// <param name="recipients">Decides on senders and recipients.</param>
/// <param name="sink">Takes accepted messages on.</param>
/// <param name="authenticator">Checks logins.</param>
/// <param name="tls">For STARTTLS; null where there is no certificate.</param>
/// <param name="loggers">Where sessions log.</param>
public sealed class SmtpProtocol(
    SmtpRole role, SmtpOptions options, IRecipientPolicy recipients, IMessageSink sink, Authenticator authenticator, TlsServer? tls,
    TimeProvider time, ILoggerFactory loggers) : IMailProtocol
{
    public Task RunAsync(MailConnection connection, CancellationToken ct) => throw new NotImplementedException();

    public Task RefuseAsync(MailConnection connection, string reason, CancellationToken ct) => throw new NotImplementedException();
}
