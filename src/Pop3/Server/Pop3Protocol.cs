using FullStack.Auth;
using FullStack.Net;
using FullStack.Net.Tls;
using FullStack.Store;
using Microsoft.Extensions.Logging;

namespace FullStack.Pop3.Server;

/// <summary>The POP3 server protocol: makes one session for each connection.</summary>
/// <param name="options">Limits and times.</param>
/// <param name="store">The mail store.</param>
/// <param name="authenticator">Checks logins.</param>
/// <param name="tls">For STLS; null where there is no certificate.</param>
/// <param name="logins">When accounts were logged in to of late.</param>
/// <param name="loggers">Where sessions log.</param>
public sealed class Pop3Protocol(
    Pop3Options options, MailStore store, Authenticator authenticator, TlsServer? tls, LoginTimes logins, ILoggerFactory loggers) : IMailProtocol
{
    internal Pop3Options Options => options;
    internal MailStore Store => store;
    internal Authenticator Authenticator => authenticator;
    internal TlsServer? Tls => tls;
    internal LoginTimes Logins => logins;
    internal ILogger Log { get; } = loggers.CreateLogger("FullStack.Pop3");

    public async Task RunAsync(MailConnection connection, CancellationToken ct)
    {
        using Pop3Session session = new(this, connection);
        await session.RunAsync(ct);
    }

    public async Task RefuseAsync(MailConnection connection, string reason, CancellationToken ct)
    {
        Pop3Log.ConnectionRefused(Log, connection.Id, connection.RemoteEndPoint.Address, reason);
        connection.Write(Pop3Reply.NotServed(reason).Line);
        await connection.FlushAsync(ct);
    }
}
