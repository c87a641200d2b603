using System.Net;
using FullStack.Net;
using Microsoft.Extensions.Logging;

namespace FullStack.Smtp.Client;

/// <summary>Hands messages to a host over a connection that the host itself made, and that has turned round.</summary>
/// <remarks>RFC 2645 §5.3. There is one connection: where it is lost, all that is left fails for now.</remarks>
public sealed class TurnedClient : IMailClient
{
    private readonly ClientEnvironment _environment;
    private readonly HostConnection _connection;
    private readonly HostOpener _opener;
    private HostSession? _session;

    /// <param name="connection">The connection; whoever made this object closes it.</param>
    /// <param name="name">The host, for logs.</param>
    /// <param name="environment">Times and limits.</param>
    internal TurnedClient(MailConnection connection, string name, ClientEnvironment environment)
    {
        Host = new(name, connection.RemoteEndPoint) { Tls = TlsNeed.Never };
        _environment = environment;
        _connection = new(connection, Host, environment.Time);
        _opener = new(environment, environment.Loggers.CreateLogger("FullStack.Smtp"));
    }

    /// <summary>The only host that can be sent to.</summary>
    public RemoteHost Host { get; }

    /// <summary>Nothing more can be sent.</summary>
    public bool IsOver { get; private set; }

    /// <remarks>What requires TLS (RFC 8689) goes only where the connection has it; whom it is with, the login has shown.</remarks>
    public async ValueTask<AttemptReport> SendAsync(RemoteHost host, OutgoingMessage message, CancellationToken ct)
    {
        AttemptLedger ledger = new(message.Recipients.Count);
        try
        {
            if (IsOver)
                throw new HostFailedException(ClientStatus.Lost(Host, _connection.Stage));
            if (message.Envelope is { RequireTls: true, Sender.IsNull: false } && _connection.Wire.Tls is null)
            {
                ledger.FailHost(ledger.Pending.ToArray(), ClientStatus.TlsNotOffered, isRemote: false);
                return ledger.ToReport();
            }

            _session ??= await _opener.GreetAsync(_connection, Host, ct);
            ledger.Note(_session);
            int pending;
            do
            {
                pending = ledger.PendingCount;
                await new MailTransaction(_session, message, ledger, _environment).RunAsync(ct);
            }
            while (ledger.PendingCount is > 0 and var left && left < pending && !_session.IsOver);
            IsOver |= _session.IsOver;
            ledger.FailHost(ledger.Pending.ToArray(), ClientStatus.TooManyDomains, isRemote: false);
        }
        catch (HostFailedException e)
        {
            IsOver = true;
            ledger.FailHost(ledger.Pending.ToArray(), e.Status, e.IsRemote);
        }

        return ledger.ToReport();
    }

    /// <summary>Says goodbye, if there is anybody left to say it to.</summary>
    internal async ValueTask QuitAsync(CancellationToken ct)
    {
        if (IsOver)
            return;
        IsOver = true;
        try
        {
            if (_session is null)
                await _connection.ReadReplyAsync(_environment.Options.GreetingTimeout, ct);
            await _connection.AskAsync("QUIT", "after QUIT", _environment.Options.CommandTimeout, ct);
        }
        catch (HostFailedException)
        {
            // Gone without a goodbye.
        }
    }
}
