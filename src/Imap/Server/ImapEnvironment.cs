using FullStack.Auth;
using FullStack.Imap.Urls;
using FullStack.Net.Tls;
using FullStack.Store;
using Microsoft.Extensions.Logging;

namespace FullStack.Imap.Server;

/// <summary>What all IMAP sessions of a server share.</summary>
/// <param name="Options">Limits and times.</param>
/// <param name="Store">The mail store.</param>
/// <param name="Authenticator">Checks logins.</param>
/// <param name="Tls">For STARTTLS; null where there is no certificate.</param>
/// <param name="Time">The clock.</param>
/// <param name="Logger">Where sessions log.</param>
/// <param name="Urls">Makes and checks URLs that others may use.</param>
internal sealed record ImapEnvironment(
    ImapOptions Options, MailStore Store, Authenticator Authenticator, TlsServer? Tls, TimeProvider Time, ILogger Logger,
    UrlAuthority Urls);
