using System.Text.Unicode;
using FullStack.Auth.Sasl;
using FullStack.Net;
using FullStack.Net.Metrics;
using FullStack.Smtp.Client;
using FullStack.Smtp.Commands;
using FullStack.Smtp.Grammar;
using FullStack.Smtp.Guard;
using FullStack.Smtp.Stages;
using Microsoft.Extensions.Logging;

namespace FullStack.Smtp.Server;

/// <summary>One client's session, from greeting to goodbye.</summary>
/// <remarks>
/// RFC 5321 §3. Its state is of three lifetimes, each replaced as a whole: the connection's (<see cref="Connection"/>), what
/// is known of the client (<see cref="Peer"/>: EHLO, TLS, login) and the transaction (<see cref="Envelope"/>).
/// Replies to pipelined commands go out together, because the connection is flushed only before it waits (RFC 2920 §3.2).
/// </remarks>
internal sealed class SmtpSession
{
    /// <summary>RFC 5321 §4.5.3.1.4 has 512, extensions add to it (SIZE 26, SMTPUTF8 10, AUTH 500 …); no command of ours needs more.</summary>
    public const int MaxLineOctets = 2048;

    /// <summary>RFC 4954 §4 holds 12288 sufficient.</summary>
    public const int MaxAuthLineOctets = 12288;

    private readonly ErrorBudget _errors;
    private Tarpit? _tarpit;
    private int _commands;
    private int _messages;
    private bool _lastWasRcpt;
    private bool _isUnwelcome;
    private DeclaredClient? _declared;
    private IDisposable? _presence;
    private ClientName? _name;
    private IMailFetch? _fetch;

    public SmtpSession(SmtpProtocol server, MailConnection connection)
    {
        Server = server;
        Connection = connection;
        Peer = NewPeer();
        _errors = new(server.Options);
        (_tarpit, Stages) = Meet();
    }

    public SmtpProtocol Server { get; }
    public MailConnection Connection { get; }
    public ILogger Log => Server.Log;

    /// <summary>What is known of the client.</summary>
    public SmtpPeer Peer { get; private set; }

    /// <summary>The transaction; null where none is open.</summary>
    public Envelope? Envelope { get; private set; }

    /// <summary>The message that comes in chunks; null where none has begun.</summary>
    public MessageReception? Chunks { get; private set; }

    /// <summary>What is kept of the transaction, in case it is interrupted, until the client knows how it ended (RFC 1845 §3); null where nothing is.</summary>
    public ICheckpoint? Checkpoint { get; private set; }

    /// <summary>The filters at work; null where there are none.</summary>
    public StageRun? Stages { get; private set; }

    /// <summary>
    /// The client is a proxy that may say by XCLIENT for whom it speaks. Once it speaks for another, only until that one has said EHLO: what comes then may
    /// be passed on as it is.
    /// </summary>
    public bool IsTrustedProxy => Server.Options.XclientNetworks.Contains(Connection.RemoteEndPoint.Address)
        && (_declared?.Address is null || Peer.HelloName.Length == 0);

    /// <summary>What happens to bare CR and LF on this listener.</summary>
    public BareLineEnds BareLineEnds
        => Server.Role == SmtpRole.Relay ? Server.Options.RelayBareLineEnds : Server.Options.SubmissionBareLineEnds;

    /// <summary>Clients of this listener log in.</summary>
    public bool HasLogin => Server.Role is SmtpRole.Submission or SmtpRole.OnDemand;

    /// <summary>The connection as SASL mechanisms see it.</summary>
    public SaslConnection Sasl => new(Peer.Address, Peer.Tls is not null)
    {
        ProxiedBy = _declared?.Address is null ? null : Connection.RemoteEndPoint.Address,
        Service = LoginService.Smtp,
        Mechanisms = Connection.Mechanisms,
        FindBinding = Peer.Tls?.FindBinding,
        Certificate = _declared is null && Peer.Tls?.Client is { } client ? new(client.Certificate, client.IsTrusted) : null, // a proxy's is not its client's
    };

    /// <summary>The mechanisms by which the client may log in as the connection is now.</summary>
    public IReadOnlyList<string> Mechanisms => HasLogin ? Server.Environment.Authenticator?.MechanismsFor(Sasl) ?? [] : [];

    /// <summary>What a client hears that has not named itself yet.</summary>
    public SmtpReply HelloFirst => Server.Role == SmtpRole.Lmtp ? SmtpReply.LmtpHelloFirst : SmtpReply.HelloFirst;

    private SmtpStates State
        => Peer.HelloName.Length == 0 ? SmtpStates.BeforeHello
        : Envelope is null ? SmtpStates.Ready
        : Chunks is not null ? SmtpStates.Chunks
        : Checkpoint is { Interrupted: not null } ? SmtpStates.Resumed
        : Envelope.Recipients.Count == 0 ? SmtpStates.MailGiven
        : SmtpStates.RcptGiven;

    /// <summary>The goodbye to a read that ended otherwise than with a line.</summary>
    /// <exception cref="PeerGoneException">There is nobody left to say it to.</exception>
    public static SmtpReply ReplyTo(FrameStatus status) => status switch
    {
        FrameStatus.TooLong => SmtpReply.LineTooLong,
        FrameStatus.Endless => SmtpReply.EndlessLine,
        FrameStatus.TimedOut => SmtpReply.TimedOut,
        FrameStatus.Draining => SmtpReply.Draining,
        _ => throw new PeerGoneException("the peer closed"),
    };

    /// <summary>Runs the session to its end.</summary>
    /// <exception cref="PeerGoneException">The client left without QUIT.</exception>
    public async Task RunAsync(CancellationToken ct)
    {
        string reason = "failed";
        SmtpLog.SessionStarted(Log, Connection.Id, Peer.Address, Server.Role);
        try
        {
            SmtpReply reply = await GreetingAsync(ct);
            while (true)
            {
                await SendAsync(reply, ct);
                if (reply.After is AfterReply.Close or AfterReply.Turn)
                    break;
                reply = await NextReplyAsync(ct);
            }

            await Connection.FlushAsync(ct);
            if (reply.After == AfterReply.Turn)
                await FetchAsync(_fetch!, ct);
            reason = $"{reply.Code} {reply.Status}";
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
            _presence?.Dispose();
            await EndTransactionAsync();
            if (Checkpoint is not null)
                await Checkpoint.DisposeAsync(); // for the client's next connection
            if (_fetch is not null)
                await _fetch.DisposeAsync();
            if (Stages is not null)
                await Stages.DisposeAsync();
            SmtpLog.SessionEnded(Log, Connection.Id, Peer.Address, reason, _messages, _commands);
        }
    }

    /// <summary>Notes HELO or EHLO. Both drop an open transaction (RFC 5321 §4.1.4); a login stays.</summary>
    /// <returns>The refusal where a filter does not want a client of that name; the client has not named itself then.</returns>
    public async ValueTask<SmtpReply?> GreetAsync(string name, bool isValid, bool extended, CancellationToken ct)
    {
        if (_declared?.HelloName is { } declared)
            (name, isValid) = declared.Length == 0 ? ("unknown", false) : (declared, AddressGrammar.IsDomainOrLiteral(declared));
        SmtpPeer named = Peer with { HelloName = name, HelloNameIsValid = isValid, Extended = _declared?.Extended ?? extended };
        Peer = Peer with { HelloName = "" };
        await EndTransactionAsync();
        await ForgetCheckpointAsync();
        if (Stages is not null && await Stages.HelloAsync(named, ct) is { } refusal)
            return SmtpReply.From(refusal);
        Peer = named;
        return null;
    }

    /// <summary>From now on the session is that of another client, and begins anew.</summary>
    /// <returns>The greeting, for that client.</returns>
    public async ValueTask<SmtpReply> DeclareAsync(DeclaredClient client, CancellationToken ct)
    {
        await EndTransactionAsync();
        if (Stages is not null)
            await Stages.DisposeAsync();
        _declared = client.Over(_declared);
        _name = null;
        Peer = NewPeer();
        SmtpLog.ClientDeclared(Log, Connection.Id, Connection.RemoteEndPoint.Address, Peer.Address);
        (_tarpit, Stages) = Meet();
        return await GreetingAsync(ct);
    }

    public void LogIn(string account)
    {
        Peer = Peer with { Account = account };
        _presence?.Dispose(); // of a login before STARTTLS
        _presence = Server.Environment.Authenticator?.BeginSession(account, Peer.Address);
    }

    public void Begin(Envelope envelope) => Envelope = envelope;

    /// <summary>Once the reply is out the client becomes the server, and gets its mail.</summary>
    public void Turn(IMailFetch fetch) => _fetch = fetch;

    public void BeginChunks(MessageReception reception) => Chunks = reception;

    /// <summary>Ends the transaction, and drops what came of its message if that is not handed on.</summary>
    public ValueTask EndTransactionAsync()
    {
        MessageReception? chunks = Chunks;
        (Envelope, Chunks) = (null, null);
        return chunks?.DisposeAsync() ?? ValueTask.CompletedTask;
    }

    public void Keep(ICheckpoint checkpoint) => Checkpoint = checkpoint;

    /// <summary>Keeps nothing of the transaction any more.</summary>
    public async ValueTask ForgetCheckpointAsync()
    {
        ICheckpoint? checkpoint = Checkpoint;
        Checkpoint = null;
        if (checkpoint is null)
            return;
        await checkpoint.ForgetAsync();
        await checkpoint.DisposeAsync();
    }

    /// <summary>Counts a message that was taken on, which makes up for errors before it.</summary>
    public void NoteAccepted()
    {
        _messages++;
        _errors.Reset();
    }

    /// <summary>Sends a 3xx reply in the middle of a command, which then reads on.</summary>
    public ValueTask ContinueAsync(SmtpReply reply, CancellationToken ct) => SendAsync(reply, ct);

    public ValueTask<LineFrame> ReadLineAsync(int maxOctets, CancellationToken ct)
        => Connection.ReadLineAsync(maxOctets, Server.Options.CommandTimeout, ct: ct);

    /// <remarks>RFC 5321 §3.1: who is not wanted hears 554 and may say QUIT, everything else is answered 503; after 421 and 521 (RFC 7504) we may close.</remarks>
    private async ValueTask<SmtpReply> GreetingAsync(CancellationToken ct)
    {
        if (await FindNameAsync(ct) is { } name)
        {
            _name = name;
            Peer = Named(Peer);
            SmtpLog.ClientNamed(Log, Connection.Id, Peer.Address, name.State, Loggable.From(name.HostName));
        }

        if (Stages is null || await Stages.ConnectAsync(Peer, new ClientInput(Connection), ct) is not { } refusal)
            return SmtpReply.Greeting(Server.Options.HostName, Server.Role);
        _isUnwelcome = true;
        return SmtpReply.Unwelcome(refusal, Server.Options.HostName);
    }

    /// <summary>The name of a stranger's address, where somebody needs it; null where nobody asks.</summary>
    private async ValueTask<ClientName?> FindNameAsync(CancellationToken ct)
    {
        if (Server.Role != SmtpRole.Relay || Server.Environment.Names is not { } names || Peer.NameState != ClientNameState.NotAsked || Peer.IsLocalSocket
            || Server.Options.Guard.ExemptNetworks.Contains(Peer.Address))
            return null;
        ClientName name = await names.FindAsync(Peer.Address, ct);
        return name.State != ClientNameState.Confirmed || AddressGrammar.IsDomain(name.HostName) ? name : new(ClientNameState.Unconfirmed); // It is to stand in a trace field.
    }

    private SmtpPeer Named(SmtpPeer peer) => _name is { } name ? peer with { HostName = name.HostName, NameState = name.State } : peer;

    private async ValueTask<SmtpReply> NextReplyAsync(CancellationToken ct)
    {
        LineFrame frame = await ReadLineAsync(HasLogin ? MaxAuthLineOctets : MaxLineOctets, ct);
        _commands++;
        _lastWasRcpt = false;
        SmtpReply reply = frame.Status == FrameStatus.Line ? await AnswerAsync(frame, ct) : ReplyTo(frame.Status);
        reply = _errors.Count(reply, _lastWasRcpt);
        if (reply.IsError && _tarpit?.DelayOf(_errors.Errors) is { Ticks: > 0 } delay)
            await Connection.PauseAsync(delay, ct);
        return reply;
    }

    private async ValueTask<SmtpReply> AnswerAsync(LineFrame frame, CancellationToken ct)
    {
        if (frame.BareLineFeed && BareLineEnds == BareLineEnds.Refuse)
            return SmtpReply.BareLineFeed;
        long began = Connection.Metrics?.Begin() ?? 0;
        SmtpReply? refusal = Parse(frame.Line.Span, out SmtpVerb? verb, out ISmtpCommand? command);
        SmtpReply reply = refusal ?? await ExecuteAsync(verb!, command!, ct);
        if (verb is not null)
        {
            SmtpLog.CommandAnswered(Log, Connection.Id, verb.Name, reply.Code);
            Connection.Metrics?.CommandAnswered(verb.Name, reply.Outcome, began);
        }

        if (reply.Outcome != CommandOutcome.Ok)
            Connection.Metrics?.CommandRefused(verb?.Name, reply.Status?.ToString() ?? "none");
        return reply;
    }

    /// <summary>Finds the verb, checks that it may come now, and reads its arguments.</summary>
    /// <returns>The refusal; null where there is a command to execute.</returns>
    private SmtpReply? Parse(ReadOnlySpan<byte> line, out SmtpVerb? verb, out ISmtpCommand? command)
    {
        verb = null;
        command = null;
        if (!IsText(line))
            return SmtpReply.BadOctets;
        SmtpReader reader = new(line);
        if (SmtpVerbTable.Find(reader.ReadVerb()) is not { } entry || !entry.Verb.IsKnownTo(Server.Role)
            || (entry.Verb.Has(SmtpVerbFlags.TrustedOnly) && !IsTrustedProxy))
        {
            if (Log.IsEnabled(LogLevel.Debug))
                SmtpLog.UnknownCommand(Log, Connection.Id, line.Length); // not shown: after a refused AUTH it may be a password
            return SmtpReply.UnknownCommand;
        }

        verb = entry.Verb;
        if (_isUnwelcome && !verb.Has(SmtpVerbFlags.Farewell))
            return verb.Has(SmtpVerbFlags.HasChunk) ? SmtpReply.UnwelcomeClosing : SmtpReply.StillUnwelcome;
        if (line.Length > MaxLineOctets && !verb.Has(SmtpVerbFlags.LongLine))
            return SmtpReply.LineTooLong;
        if (verb.Has(SmtpVerbFlags.Junk))
            return SmtpReply.NotMail;
        if (verb.Has(SmtpVerbFlags.NotOffered) || !verb.IsFor(this))
            return verb.Has(SmtpVerbFlags.HasChunk) ? SmtpReply.NotImplementedClosing : SmtpReply.NotImplemented;
        if ((verb.States & State) == 0 && !verb.Has(SmtpVerbFlags.HasChunk))
            return OutOfOrder();
        command = entry.Parse(ref reader);
        return command is null ? reader.Refusal ?? SmtpReply.SyntaxError(reader.Position, verb.Syntax) : null;
    }

    private async ValueTask<SmtpReply> ExecuteAsync(SmtpVerb verb, ISmtpCommand command, CancellationToken ct)
    {
        _lastWasRcpt = command is RcptCommand;
        try
        {
            return await command.ExecuteAsync(this, ct);
        }
        catch (PeerTimeoutException)
        {
            return SmtpReply.TimedOut; // in the middle of a message: what came of it is dropped (RFC 5321 §4.5.3.2.7)
        }
        catch (Exception e) when (e is not (PeerGoneException or OperationCanceledException))
        {
            SmtpLog.CommandFailed(Log, Connection.Id, verb.Name, e);
            return verb.Has(SmtpVerbFlags.HasChunk) ? SmtpReply.LocalErrorClosing : SmtpReply.LocalError; // Of a chunk nobody knows how much was read.
        }
    }

    private SmtpReply OutOfOrder() => State switch
    {
        SmtpStates.BeforeHello => HelloFirst,
        SmtpStates.Ready => SmtpReply.MailFirst,
        SmtpStates.Chunks => SmtpReply.ChunksOpen,
        _ => SmtpReply.TransactionOpen,
    };

    private async Task FetchAsync(IMailFetch fetch, CancellationToken ct)
    {
        ClientEnvironment environment = new() { Options = Server.Environment.Outgoing, Time = Server.Environment.Time, Loggers = Server.Environment.Loggers };
        TurnedClient client = new(Connection, Peer.Account ?? "", environment);
        await fetch.RunAsync(client, ct);
        await client.QuitAsync(ct);
    }

    private async ValueTask SendAsync(SmtpReply reply, CancellationToken ct)
    {
        // RFC 3207 §4.2: what was pipelined after STARTTLS came in the clear, and could be anyone's.
        if (reply.After == AfterReply.StartTls && Connection.DiscardInput())
            SmtpLog.PlaintextDiscarded(Log, Connection.Id);
        Connection.Write(reply.Octets);
        if (reply.After != AfterReply.StartTls)
        {
            await Connection.FlushIfLargeAsync(ct);
            return;
        }

        await Connection.StartTlsAsync(Server.Environment.Tls!, Server.Options.HandshakeTimeout, ct);
        Peer = NewPeer();
        await EndTransactionAsync();
        SmtpLog.TlsStarted(Log, Connection.Id, Peer.Tls!.Protocol, Peer.Tls.CipherSuite);
    }

    private SmtpPeer NewPeer()
    {
        SmtpPeer peer = new()
        {
            ConnectionId = Connection.Id, Address = Connection.RemoteEndPoint.Address, Role = Server.Role, Tls = Connection.Tls,
            IsLocalSocket = Connection.IsLocalSocket && _declared?.Address is null, LocalUser = Connection.LocalUser,
            DropName = Connection.DropName,
        };
        return Named(_declared is null ? peer : _declared.Apply(peer));
    }

    /// <summary>Gets ready for the client that <see cref="Peer"/> is.</summary>
    private (Tarpit? Tarpit, StageRun? Stages) Meet() => (
        Server.Options.Guard.ExemptNetworks.Contains(Peer.Address) ? null : new(Server.Options.Guard),
        StageRun.Begin(Server.Environment.Stages, Peer, Log));

    private sealed class ClientInput(MailConnection connection) : IClientInput
    {
        public ValueTask<bool> ArrivesWithinAsync(TimeSpan wait, CancellationToken ct) => connection.ArrivesWithinAsync(wait, ct);
    }

    private static bool IsText(ReadOnlySpan<byte> line)
    {
        foreach (byte octet in line)
        {
            if (octet is < 0x20 and not (byte)'\t' or 0x7F)
                return false;
        }

        return Utf8.IsValid(line);
    }
}
