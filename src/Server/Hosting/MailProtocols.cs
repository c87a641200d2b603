using FullStack.Auth;
using FullStack.Auth.Backends;
using FullStack.Imap.Server;
using FullStack.Net;
using FullStack.Net.Tls;
using FullStack.Pop3.Server;
using FullStack.Queue.Delivery;
using FullStack.Queue.Routing;
using FullStack.Smtp.Server;
using FullStack.Store;
using Microsoft.Extensions.Logging;

namespace FullStack.Server.Hosting;

/// <summary>The parts of a server that live as long as it does, whatever is reloaded.</summary>
internal sealed record ServerParts(AccountDirectory Directory, MailStore Store, TlsServer Tls, TimeProvider Time, ILoggerFactory Loggers);

/// <summary>The protocols of one configuration. A reload makes a new set; sessions that run keep the one they began with.</summary>
internal sealed class MailProtocols
{
    private readonly SmtpProtocol _relay;
    private readonly SmtpProtocol _submission;
    private readonly Pop3Protocol _pop3;
    private readonly ImapProtocol _imap;

    public MailProtocols(ServerConfiguration configuration, ServerParts parts)
    {
        (AccountDirectory directory, MailStore store, TlsServer tls, TimeProvider time, ILoggerFactory loggers) = parts;
        Authenticator authenticator = new(directory, configuration.Auth, time, loggers.CreateLogger<Authenticator>());
        LocalRecipients recipients = new(directory, configuration.Routing);
        LocalDelivery delivery = new(store, time, loggers.CreateLogger<LocalDelivery>());
        SmtpProtocol Smtp(SmtpRole role) => new(role, configuration.Smtp, recipients, delivery, authenticator, tls, time, loggers);
        _relay = Smtp(SmtpRole.Relay);
        _submission = Smtp(SmtpRole.Submission);
        _pop3 = new(configuration.Pop3, store, authenticator, tls, time, loggers);
        _imap = new(configuration.Imap, store, authenticator, tls, time, loggers);
    }

    public IMailProtocol For(ListenerProtocol protocol) => protocol switch
    {
        ListenerProtocol.Smtp => _relay,
        ListenerProtocol.Submission => _submission,
        ListenerProtocol.Pop3 => _pop3,
        ListenerProtocol.Imap => _imap,
        _ => throw new ArgumentOutOfRangeException(nameof(protocol)),
    };
}
