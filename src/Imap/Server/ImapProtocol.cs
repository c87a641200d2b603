using FullStack.Auth;
using FullStack.Net;
using FullStack.Net.Tls;
using FullStack.Store;
using Microsoft.Extensions.Logging;

namespace FullStack.Imap.Server;

/// <summary>The IMAP server protocol: makes one session for each connection.</summary>
/// <param name="options">Limits and times.</param>
/// <param name="store">The mail store.</param>
/// <param name="authenticator">Checks logins.</param>
/// <param name="tls">For STARTTLS; null where there is no certificate.</param>
/// <param name="time">The clock.</param>
/// <param name="loggers">Where sessions log.</param>
public sealed class ImapProtocol(
    ImapOptions options, MailStore store, Authenticator authenticator, TlsServer? tls, TimeProvider time, ILoggerFactory loggers) : IMailProtocol
{
    public Task RunAsync(MailConnection connection, CancellationToken ct) => throw new NotImplementedException();

    public Task RefuseAsync(MailConnection connection, string reason, CancellationToken ct) => throw new NotImplementedException();
}
