using FullStack.Auth;
using FullStack.Imap.Responses;
using FullStack.Imap.Urls;
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
    private readonly ImapEnvironment _environment = new(
        options, store, authenticator, tls, time, loggers.CreateLogger<ImapProtocol>(), new(store, authenticator, options.Sharing, time, loggers.CreateLogger<UrlAuthority>()));

    /// <summary>Opens what URLs name, also for a submission server (RFC 4468).</summary>
    public UrlAuthority Urls => _environment.Urls;

    public async Task RunAsync(MailConnection connection, CancellationToken ct)
    {
        using ImapSession session = new(_environment, connection);
        ImapCommandLoop loop = new(_environment, connection, session);
        string reason = "stopped";
        try
        {
            reason = await loop.RunAsync(ct);
        }
        catch (ResponseBrokenException e)
        {
            reason = "a response could not be ended";
            ImapLog.ResponseBroken(_environment.Logger, connection.Id, e);
        }
        catch (PeerGoneException e)
        {
            reason = e.Message;
            throw;
        }
        finally
        {
            string account = session.Login?.Account.Name.ToString() ?? "nobody";
            ImapLog.SessionEnded(_environment.Logger, connection.Id, account, connection.RemoteEndPoint.Address, loop.Commands, reason);
        }
    }

    public async Task RefuseAsync(MailConnection connection, string reason, CancellationToken ct)
    {
        connection.Write("* BYE [UNAVAILABLE] "u8);
        connection.Write(System.Text.Encoding.ASCII.GetBytes(reason));
        connection.Write("\r\n"u8);
        await connection.FlushAsync(ct);
    }
}
