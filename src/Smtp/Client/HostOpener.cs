using System.IO.Pipelines;
using System.Net;
using System.Net.Sockets;
using FullStack.Net;
using FullStack.Net.Tls;
using FullStack.Smtp.Server;
using Microsoft.Extensions.Logging;

namespace FullStack.Smtp.Client;

/// <summary>Opens sessions: connects, waits for the greeting, says EHLO, starts TLS, logs in.</summary>
/// <remarks>RFC 5321 §3.1 and §3.2; TLS RFC 3207, when it is optional RFC 7435; LMTP RFC 2033 §4.1.</remarks>
internal sealed class HostOpener(ClientEnvironment environment, ILogger log)
{
    private SmtpClientOptions Options => environment.Options;

    /// <summary>Opens a session that has what is needed of TLS.</summary>
    /// <exception cref="HostFailedException">It did not come to one.</exception>
    public async ValueTask<HostSession> OpenAsync(RemoteHost host, TlsNeed need, CancellationToken ct)
    {
        try
        {
            return await OpenOnceAsync(host, need, ct);
        }
        catch (HostFailedException e) when (e.IsTlsFailure && need == TlsNeed.Opportunistic && !host.ImplicitTls)
        {
            // RFC 7435 §3: what cannot be encrypted goes in the clear, as it would to a host that offers nothing. What a failed
            // handshake leaves is no stream of SMTP, so that takes a new connection.
            SmtpLog.ClearInstead(log, Loggable.From(host.Name), e.Status.Text);
            return await OpenOnceAsync(host, TlsNeed.Never, ct);
        }
    }

    /// <summary>Makes a session of a connection on which the host is to greet, without TLS or login.</summary>
    /// <exception cref="HostFailedException">It did not come to one.</exception>
    public async ValueTask<HostSession> GreetAsync(HostConnection connection, RemoteHost host, CancellationToken ct)
    {
        HostSession session = new(connection, host, NameIn(await ReadGreetingAsync(connection, ct)));
        await GreetAsync(session, ct);
        SmtpLog.HostGreeted(log, Loggable.From(host.Name), host.EndPoint, Loggable.From(session.RemoteName), session.Tls ?? "no TLS");
        return session;
    }

    private async ValueTask<HostSession> OpenOnceAsync(RemoteHost host, TlsNeed need, CancellationToken ct)
    {
        HostConnection connection = new(await ConnectAsync(host, ct), host, environment.Time);
        try
        {
            if (host.ImplicitTls)
                await HandshakeAsync(connection, host, need, greeting: null, ct);
            HostSession session = new(connection, host, NameIn(await ReadGreetingAsync(connection, ct)));
            await GreetAsync(session, ct);
            if (!host.ImplicitTls && need != TlsNeed.Never && await TryStartTlsAsync(session, need, ct))
                await GreetAsync(session, ct); // what was said in the clear counts no more (RFC 3207 §4.2)
            if (host.Credentials is { } credentials && await new ClientLogin(session, Options).RunAsync(credentials, ct))
                await GreetAsync(session, ct); // some extensions are only for those who logged in
            SmtpLog.HostGreeted(log, Loggable.From(host.Name), host.EndPoint, Loggable.From(session.RemoteName), session.Tls ?? "no TLS");
            return session;
        }
        catch
        {
            await connection.DisposeAsync();
            throw;
        }
    }

    private async ValueTask<MailConnection> ConnectAsync(RemoteHost host, CancellationToken ct)
    {
        bool isLocal = host.EndPoint is UnixDomainSocketEndPoint;
        Socket socket = new(host.EndPoint.AddressFamily, SocketType.Stream, isLocal ? ProtocolType.Unspecified : ProtocolType.Tcp);
        try
        {
            if (!isLocal)
                socket.NoDelay = true;
            using CancellationTokenSource limit = new(Options.ConnectTimeout, environment.Time);
            using CancellationTokenSource both = CancellationTokenSource.CreateLinkedTokenSource(limit.Token, ct);
            await socket.ConnectAsync(host.EndPoint, both.Token);
            IPEndPoint nowhere = new(IPAddress.Loopback, 0);
            return new MailConnection(
                new SocketPipes(socket), host.Name, socket.RemoteEndPoint as IPEndPoint ?? nowhere, socket.LocalEndPoint as IPEndPoint ?? nowhere, environment.Time)
            {
                WriteTimeout = Options.PieceTimeout,
            };
        }
        catch (Exception e) when (e is SocketException or OperationCanceledException)
        {
            socket.Dispose();
            ct.ThrowIfCancellationRequested();
            throw new HostFailedException(ClientStatus.CannotConnect(host, e is SocketException failure ? failure.Message : "no answer"));
        }
    }

    private async ValueTask<HostReply> ReadGreetingAsync(HostConnection connection, CancellationToken ct)
    {
        HostReply greeting = await connection.ReadReplyAsync(Options.GreetingTimeout, ct);
        return greeting.IsSuccess ? greeting : throw Refused(greeting);
    }

    /// <summary>Says EHLO or LHLO; HELO to hosts that know neither (RFC 5321 §3.2).</summary>
    private async ValueTask GreetAsync(HostSession session, CancellationToken ct)
    {
        HostConnection connection = session.Connection;
        HostReply reply = await connection.AskAsync(
            $"{(session.IsLmtp ? "LHLO" : "EHLO")} {Options.HostName}", "after the greeting", Options.GreetingTimeout, ct);
        session.Extensions = reply.IsSuccess ? HostExtensions.Read(reply.Lines) : HostExtensions.None;
        if (reply.Code >= 500 && !reply.IsGoodbye && !session.IsLmtp)
            reply = await connection.AskAsync($"HELO {Options.HostName}", "after the greeting", Options.GreetingTimeout, ct);
        if (reply.Code >= 500 && session.IsLmtp)
            throw new HostFailedException(ClientStatus.Unexpected(reply)); // most likely a route leads to the wrong port, which is no fault of the mail
        if (!reply.IsSuccess)
            throw Refused(reply);
    }

    /// <returns>Whether TLS began. Where it did not it was not needed.</returns>
    private async ValueTask<bool> TryStartTlsAsync(HostSession session, TlsNeed need, CancellationToken ct)
    {
        if (session.Extensions.StartTls)
        {
            HostReply reply = await session.Connection.AskAsync("STARTTLS", "after STARTTLS", Options.CommandTimeout, ct);
            if (reply.IsGoodbye)
                throw Refused(reply);
            if (reply.IsSuccess)
            {
                if (session.Connection.Wire.DiscardInput())
                {
                    Note(session.Connection, session.Host, new(TlsResult.ValidationFailure, ClientStatus.InjectedInput.Text), session.RemoteName);
                    throw new HostFailedException(ClientStatus.InjectedInput);
                }

                await HandshakeAsync(session.Connection, session.Host, need, session.RemoteName, ct);
                return true;
            }
        }

        Note(session.Connection, session.Host, new(TlsResult.StartTlsNotSupported, ""), session.RemoteName);
        return need == TlsNeed.Opportunistic ? false : throw new HostFailedException(ClientStatus.TlsNotOffered);
    }

    private async ValueTask HandshakeAsync(HostConnection connection, RemoteHost host, TlsNeed need, string? greeting, CancellationToken ct)
    {
        CertificateCheck check = new(host, need, environment);
        try
        {
            await connection.Wire.StartTlsAsync(new TlsClient(host.Name, check.Trusts), Options.HandshakeTimeout, ct);
        }
        catch (PeerGoneException)
        {
            Note(connection, host, check.Doubt ?? new(TlsResult.ValidationFailure, "the handshake failed"), greeting);
            throw new HostFailedException(check.Doubt is { } doubt ? ClientStatus.NotTrusted(host, doubt.Reason) : ClientStatus.HandshakeFailed(host)) { IsTlsFailure = true };
        }

        Note(connection, host, check.RehearsedDoubt ?? new(TlsResult.Success, ""), greeting);
    }

    /// <summary>Tells what came of TLS. What was wrong with the policy before is what its domain hears.</summary>
    private void Note(HostConnection connection, RemoteHost host, TlsFinding finding, string? greeting)
    {
        if (environment.TlsSessions is not { } sessions || host.Policy is not { } policy)
            return;
        sessions.Note(new(policy, host.Name, policy.Objection ?? finding)
        {
            To = (host.EndPoint as IPEndPoint)?.Address, From = connection.Wire.LocalEndPoint.Address, HostSays = greeting,
        });
    }

    private static HostFailedException Refused(HostReply reply) => reply.IsFailure ? new(reply.ToStatus(), isRemote: true) : new(ClientStatus.Unexpected(reply));

    private static string NameIn(HostReply greeting)
    {
        string words = greeting.ToStatus().Text;
        int end = words.IndexOf(' ', StringComparison.Ordinal);
        return end < 0 ? words : words[..end];
    }
}
