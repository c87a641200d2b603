using System.Net;
using FullStack.Auth.Sasl;
using FullStack.Net;
using FullStack.Net.Metrics;
using FullStack.Pop3.Commands;
using FullStack.Pop3.Grammar;
using FullStack.Pop3.Languages;
using Microsoft.Extensions.Logging;

namespace FullStack.Pop3.Server;

/// <summary>One client's session, from greeting to goodbye.</summary>
/// <remarks>
/// RFC 1939 §3 to §6. What it knows of the client before the login is <see cref="User"/>, after it <see cref="Maildrop"/>.
/// Answers to pipelined commands go out together, because the connection is flushed only before it waits (RFC 2449 §6.6).
/// A session that ends without QUIT, for whatever reason, removes nothing.
/// </remarks>
internal sealed class Pop3Session(Pop3Protocol server, MailConnection connection) : IDisposable
{
    /// <summary>RFC 2449 §4 asks for 255 octets; this also fits the longest password that is looked at.</summary>
    public const int MaxLineOctets = 1100;

    /// <summary>A response within AUTH: RFC 5034 §4 has it as RFC 4954 §4, which holds 12288 sufficient.</summary>
    public const int MaxAuthLineOctets = 12288;

    private Maildrop? _maildrop;
    private IPEndPoint? _declared;
    private bool _hasDeclared;
    private IDisposable? _presence;
    private int _mistakes;
    private int _failedLogins;
    private int _retrieved;
    private long _retrievedOctets;
    private int _removed;

    public Pop3Protocol Server => server;
    public MailConnection Connection => connection;
    public ILogger Log => server.Log;

    /// <summary>The name that USER gave; null where none waits for its password.</summary>
    public string? User { get; set; }

    /// <summary>What texts for people are in.</summary>
    public Pop3Language Language { get; set; } = Pop3Language.English;

    /// <summary>The client takes UTF-8 in headers of messages.</summary>
    public bool IsUtf8 { get; set; }

    public Pop3States State => _maildrop is null ? Pop3States.Authorization : Pop3States.Transaction;

    /// <summary>The maildrop logged in to.</summary>
    /// <exception cref="InvalidOperationException">Nobody is logged in: the verb table lets no such command through.</exception>
    public Maildrop Maildrop => _maildrop ?? throw new InvalidOperationException("no maildrop is open");

    /// <summary>Who the client is: the peer, or whom a trusted proxy speaks for.</summary>
    public IPAddress ClientAddress => (_declared ?? connection.RemoteEndPoint).Address;

    /// <summary>The peer is a proxy that may say by XCLIENT for whom it speaks, and has not said it yet.</summary>
    private bool IsTrustedProxy => !_hasDeclared && server.Options.XclientNetworks.Contains(connection.RemoteEndPoint.Address);

    /// <summary>The client may send a password as the connection is now. What counts is the connection that is to be seen, also where a proxy is at its other end.</summary>
    public bool MaySendPassword => server.Authenticator.IsPasswordAllowed(Sasl);

    /// <summary>The connection as SASL mechanisms see it.</summary>
    public SaslConnection Sasl => new(ClientAddress, connection.Tls is not null)
    {
        ProxiedBy = _declared is null ? null : connection.RemoteEndPoint.Address,
        Service = LoginService.Pop3,
        Mechanisms = connection.Mechanisms,
        FindBinding = connection.Tls?.FindBinding,
        Certificate = _declared is null && connection.Tls?.Client is { } client ? new(client.Certificate, client.IsTrusted) : null, // a proxy's is not its client's
    };

    /// <summary>The timestamp of the greeting, which APOP answers; null where it is not offered, as on listeners that have a list of mechanisms.</summary>
    public string? Timestamp { get; } = connection.Mechanisms is null ? server.Authenticator.NewApopTimestamp() : null;

    /// <summary>Runs the session to its end.</summary>
    /// <exception cref="PeerGoneException">The client left without QUIT.</exception>
    public async Task RunAsync(CancellationToken ct)
    {
        string reason = "failed";
        Pop3Log.SessionStarted(Log, connection.Id, connection.RemoteEndPoint.Address);
        try
        {
            reason = await ServeAsync(ct);
        }
        catch (PeerGoneException e)
        {
            reason = e.Message;
            throw;
        }
        catch (OperationCanceledException)
        {
            reason = "the server stopped";
            throw;
        }
        finally
        {
            Pop3Log.SessionEnded(Log, connection.Id, ClientAddress, reason, _retrieved, _retrievedOctets, _removed);
        }
    }

    /// <summary>The goodbye to a read that ended otherwise than with a line.</summary>
    /// <exception cref="PeerGoneException">There is nobody left to say it to, or nothing to say (RFC 1939 §3).</exception>
    public static Pop3Reply FarewellTo(FrameStatus status) => status switch
    {
        FrameStatus.Draining => Pop3Reply.Draining,
        FrameStatus.TimedOut => throw new PeerTimeoutException("nothing came in time"),
        FrameStatus.EndOfInput => throw new PeerGoneException("the peer closed"),
        _ => Pop3Reply.EndlessLine,
    };

    /// <summary>From now on the session is that of another client, and begins anew.</summary>
    /// <param name="client">Where that client is; null: it was not said.</param>
    public void Declare(IPEndPoint? client)
    {
        (_declared, _hasDeclared, User) = (client, true, null);
        Pop3Log.ClientDeclared(Log, connection.Id, connection.RemoteEndPoint.Address, ClientAddress);
    }

    /// <summary>Enters the TRANSACTION state.</summary>
    public void Open(Maildrop maildrop, string account, string method)
    {
        (_maildrop, _presence) = (maildrop, server.Authenticator.BeginSession(account, ClientAddress));
        Pop3Log.LoggedIn(Log, connection.Id, account, ClientAddress, method, maildrop.Count, maildrop.TotalOctets);
    }

    /// <summary>Counts a refused login.</summary>
    /// <param name="reply">The answer to it, while more are allowed.</param>
    /// <returns>The answer to it.</returns>
    public Pop3Reply CountFailedLogin(Pop3Reply reply) => ++_failedLogins < server.Options.MaxFailedLogins ? reply : Pop3Reply.TooManyLogins;

    public void CountRetrieved(MaildropEntry entry)
    {
        _retrieved++;
        _retrievedOctets += entry.SentOctets;
    }

    public void CountRemoved(int messages) => _removed = messages;

    public void Dispose() => CloseMaildrop();

    /// <summary>Gives the maildrop back; before the goodbye, because the client's next login must not find it in use.</summary>
    private void CloseMaildrop()
    {
        _maildrop?.Dispose();
        _presence?.Dispose();
        _maildrop = null;
    }

    /// <returns>Why the session ended, for the log.</returns>
    private async ValueTask<string> ServeAsync(CancellationToken ct)
    {
        await SendAsync(Pop3Reply.Greeting(Timestamp, IsTrustedProxy), ct);
        while (true)
        {
            LineFrame frame = await connection.ReadLineAsync(MaxLineOctets, server.Options.IdleTimeout, ct: ct);
            if (frame.Status == FrameStatus.TimedOut)
                return "timed out"; // RFC 1939 §3: closed without a word
            if (frame.Status == FrameStatus.EndOfInput)
                return "the peer closed";
            Pop3Reply reply = Count(frame.Status switch
            {
                FrameStatus.Line => await AnswerAsync(frame.Line, ct),
                FrameStatus.TooLong => Pop3Reply.LineTooLong,
                _ => FarewellTo(frame.Status),
            });
            if (reply.After == AfterReply.Close)
                CloseMaildrop();
            if (!await SendAsync(reply, ct))
                return "a message could not be read";
            if (reply.After == AfterReply.Close)
            {
                await connection.FlushAsync(ct);
                return reply.IsOk ? "quit" : "closed";
            }
        }
    }

    private async ValueTask<Pop3Reply> AnswerAsync(ReadOnlyMemory<byte> line, CancellationToken ct)
    {
        long began = connection.Metrics?.Begin() ?? 0;
        Pop3Reply? refusal = Parse(line.Span, out Pop3Verb? verb, out IPop3Command? command);
        Pop3Reply reply = refusal ?? await ExecuteAsync(verb!, command!, ct);
        if (verb is not null)
        {
            Pop3Log.CommandAnswered(Log, connection.Id, verb.Name, reply.IsOk);
            connection.Metrics?.CommandAnswered(verb.Name, reply.Outcome, began);
        }

        if (!reply.IsOk)
            connection.Metrics?.CommandRefused(verb?.Name, reply.Code ?? "none");
        return reply;
    }

    /// <summary>Finds the verb, checks that it may come now, and reads its arguments.</summary>
    /// <returns>The refusal; null where there is a command to execute.</returns>
    private Pop3Reply? Parse(ReadOnlySpan<byte> line, out Pop3Verb? verb, out IPop3Command? command)
    {
        (verb, command) = (null, null);
        Pop3Reader reader = new(line);
        ReadOnlySpan<byte> keyword = reader.ReadKeyword();
        if (Pop3VerbTable.Find(keyword) is not { } entry || (entry.Verb.IsForProxies && !IsTrustedProxy))
        {
            if (Log.IsEnabled(LogLevel.Debug))
                Pop3Log.UnknownCommand(Log, connection.Id, keyword.Length); // not shown: it may be a mistyped PASS
            return Pop3Reply.UnknownCommand;
        }

        verb = entry.Verb;
        if ((verb.States & State) == 0)
            return State == Pop3States.Authorization ? Pop3Reply.LogInFirst : Pop3Reply.LoggedInAlready;
        command = entry.Parse(ref reader);
        return command is null ? Pop3Reply.SyntaxError(verb.Syntax) : null;
    }

    private async ValueTask<Pop3Reply> ExecuteAsync(Pop3Verb verb, IPop3Command command, CancellationToken ct)
    {
        try
        {
            return await command.ExecuteAsync(this, ct);
        }
        catch (Exception e) when (e is not (PeerGoneException or OperationCanceledException))
        {
            Pop3Log.CommandFailed(Log, connection.Id, verb.Name, e);
            return Pop3Reply.LocalError;
        }
    }

    /// <summary>Closes on a client that only makes mistakes.</summary>
    private Pop3Reply Count(Pop3Reply reply)
    {
        _mistakes = reply.IsMistake ? _mistakes + 1 : 0;
        return _mistakes < server.Options.MaxErrors ? reply : Pop3Reply.TooManyErrors;
    }

    /// <returns>False where the answer could not be written whole: the connection must end, without another word.</returns>
    private async ValueTask<bool> SendAsync(Pop3Reply reply, CancellationToken ct)
    {
        // RFC 2595 §4: what was pipelined after STLS came in the clear, and could be anyone's.
        if (reply.After == AfterReply.StartTls && connection.DiscardInput())
            Pop3Log.PlaintextDiscarded(Log, connection.Id);
        connection.Write(reply.LineIn(Language));
        if (reply.Body is { } body && !await TryWriteAsync(body, ct))
            return false;
        await connection.FlushIfLargeAsync(ct);
        if (reply.After != AfterReply.StartTls)
            return true;
        await connection.StartTlsAsync(server.Tls!, server.Options.HandshakeTimeout, ct);
        (User, Language, IsUtf8) = (null, Pop3Language.English, false); // what was said in the clear could be anyone's
        Pop3Log.TlsStarted(Log, connection.Id, connection.Tls!.Protocol, connection.Tls.CipherSuite);
        return true;
    }

    private async ValueTask<bool> TryWriteAsync(Pop3Body body, CancellationToken ct)
    {
        try
        {
            await body.WriteAsync(connection, ct);
            return true;
        }
        catch (Exception e) when (e is not (PeerGoneException or OperationCanceledException))
        {
            Pop3Log.CommandFailed(Log, connection.Id, "sending", e);
            return false;
        }
    }
}
