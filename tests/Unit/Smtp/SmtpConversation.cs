using System.Buffers;
using System.IO.Pipelines;
using System.Net;
using System.Text;
using FullStack.Auth;
using FullStack.Auth.Backends;
using FullStack.Auth.Passwords;
using FullStack.Harness;
using FullStack.Net;
using FullStack.Smtp;
using FullStack.Smtp.Server;
using FullStack.Smtp.Stages;
using Microsoft.Extensions.Logging.Abstractions;

namespace FullStack.Unit.Smtp;

/// <summary>One session over pipes in memory, with a policy and a sink that do as the test says.</summary>
internal sealed class SmtpConversation : IAsyncDisposable
{
    private readonly ScratchFolder _folder = new();
    private readonly Pipe _toServer = new();
    private readonly Pipe _toClient = new(new PipeOptions(pauseWriterThreshold: 0));
    private readonly AccountDirectory _directory;
    private readonly MailConnection _connection;
    private readonly Task _session;

    public SmtpConversation(SmtpRole role = SmtpRole.Relay, SmtpOptions? options = null, ScriptedSink? sink = null, TimeProvider? time = null, IReadOnlyList<ISmtpStage>? stages = null,
        ScriptedServices? services = null)
    {
        Sink = sink ?? new();
        time ??= new ManualTimeProvider();
        _directory = new(_folder.File("directory.db"));
        _directory.AddDomain("example.test");
        if (role == SmtpRole.Submission)
            _directory.AddUser("alice@example.test", PasswordHash.Create("secret"));
        SmtpProtocol protocol = new(role, new()
        {
            Options = options ?? new SmtpOptions { HostName = "mail.example.test" },
            Recipients = new ScriptedPolicy(),
            Sink = Sink,
            Stages = stages ?? [],
            Queue = services,
            Urls = services,
            Authenticator = new(new AccountBackends(_directory), new AuthOptions { FailureDelay = TimeSpan.Zero, MaxFailureDelay = TimeSpan.Zero }, time, NullLogger<Authenticator>.Instance),
            Tls = null,
            QueueIds = new(time),
            Time = time,
            Loggers = NullLoggerFactory.Instance,
        });
        IPEndPoint local = new(IPAddress.Loopback, 25);
        _connection = new(new Duplex(_toServer.Reader, _toClient.Writer), "c1", new(IPAddress.Loopback, 1025), local, time);
        _session = RunAsync(protocol);
    }

    public ScriptedSink Sink { get; }

    public void BeginDrain() => _connection.BeginDrain();

    public async Task SendAsync(string text) => await _toServer.Writer.WriteAsync(Encoding.UTF8.GetBytes(text));

    /// <summary>Sends, then ends the input.</summary>
    /// <returns>Everything the server said.</returns>
    public async Task<string> PlayAsync(string text, int cut = int.MaxValue)
    {
        byte[] octets = Encoding.UTF8.GetBytes(text);
        for (int at = 0; at < octets.Length; at += Math.Min(cut, octets.Length - at))
        {
            if ((await _toServer.Writer.WriteAsync(octets.AsMemory(at, Math.Min(cut, octets.Length - at)))).IsCompleted)
                break;
        }

        await _toServer.Writer.CompleteAsync();
        return await ReadToEndAsync();
    }

    public async Task<string> ReadToEndAsync()
    {
        while (true)
        {
            ReadResult read = await _toClient.Reader.ReadAsync();
            _toClient.Reader.AdvanceTo(read.Buffer.Start, read.Buffer.End);
            if (!read.IsCompleted)
                continue;
            string text = Encoding.UTF8.GetString(read.Buffer.ToArray());
            await _session;
            return text;
        }
    }

    public async ValueTask DisposeAsync()
    {
        await _toServer.Writer.CompleteAsync();
        await _session;
        _directory.Dispose();
        _folder.Dispose();
    }

    private async Task RunAsync(SmtpProtocol protocol)
    {
        await Task.Yield();
        try
        {
            await protocol.RunAsync(_connection, CancellationToken.None);
        }
        catch (PeerGoneException)
        {
            // A script that ends without QUIT.
        }
        finally
        {
            await _connection.DisposeAsync();
        }
    }

    private sealed record Duplex(PipeReader Input, PipeWriter Output) : IDuplexPipe;
}

/// <summary>Refuses <c>nobody</c>, is out of order for <c>later</c>, accepts everyone else.</summary>
internal sealed class ScriptedPolicy : IRecipientPolicy
{
    public ValueTask<DeliveryStatus> CheckSenderAsync(ReversePath sender, SmtpPeer peer, CancellationToken ct)
        => new(sender.Address?.LocalPart == "refused" ? new(553, new(5, 7, 1), "no") : DeliveryStatus.Success);

    public ValueTask<long?> MessageLimitAsync(SmtpPeer peer, CancellationToken ct) => new((long?)null);

    public ValueTask<RecipientVerdict> CheckRecipientAsync(ForwardPath recipient, Envelope envelope, SmtpPeer peer, CancellationToken ct)
        => recipient.Address.LocalPart switch
        {
            "nobody" => new(RecipientVerdict.Refuse(new(550, new(5, 1, 1), "No such user here"))),
            "bug" => throw new InvalidOperationException("a bug"),
            _ => new(RecipientVerdict.Accept(new NoRoute())),
        };

    private sealed record NoRoute : Route;
}

/// <summary>Keeps committed messages, or fails where the test says.</summary>
internal sealed class ScriptedSink : IMessageSink
{
    public bool CanHold { get; init; }

    public bool CanVarySender { get; init; }

    /// <summary>Fails BeginAsync.</summary>
    public Exception? OnBegin { get; init; }

    /// <summary>Fails WriteAsync once that many octets have come.</summary>
    public (long After, Exception Cause)? OnWrite { get; init; }

    /// <summary>What a commit says of each recipient; success for those not listed.</summary>
    public IReadOnlyList<DeliveryStatus> Statuses { get; init; } = [];

    public List<string> Messages { get; } = [];

    /// <summary>The envelopes of committed messages.</summary>
    public List<Envelope> Envelopes { get; } = [];

    /// <summary>The largest single write.</summary>
    public int LargestWrite { get; private set; }

    public int Begun { get; private set; }
    public int Ended { get; private set; }

    public ValueTask<IMessageIntake> BeginAsync(QueueId id, Envelope envelope, SmtpPeer peer, CancellationToken ct)
    {
        if (OnBegin is not null)
            throw OnBegin;
        Begun++;
        return new(new Intake(this, envelope));
    }

    private sealed class Intake(ScriptedSink sink, Envelope envelope) : IMessageIntake
    {
        private readonly MemoryStream _octets = new();
        private bool _ended;

        public ValueTask WriteAsync(ReadOnlyMemory<byte> octets, CancellationToken ct)
        {
            Assert.False(_ended);
            _octets.Write(octets.Span);
            sink.LargestWrite = Math.Max(sink.LargestWrite, octets.Length);
            if (sink.OnWrite is { } failure && _octets.Length > failure.After)
                throw failure.Cause;
            return ValueTask.CompletedTask;
        }

        public ValueTask<IReadOnlyList<DeliveryStatus>> CommitAsync(CancellationToken ct)
        {
            sink.Envelopes.Add(envelope);
            sink.Messages.Add(Encoding.UTF8.GetString(_octets.ToArray()));
            return new([.. envelope.Recipients.Select((_, i) => i < sink.Statuses.Count ? sink.Statuses[i] : DeliveryStatus.Success)]);
        }

        public ValueTask DisposeAsync()
        {
            Assert.False(_ended);
            _ended = true;
            sink.Ended++;
            return ValueTask.CompletedTask;
        }
    }
}
