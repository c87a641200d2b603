using System.Net;
using System.Text;
using FullStack.Harness;
using FullStack.Harness.Servers;
using FullStack.Smtp;
using FullStack.Smtp.Client;
using Microsoft.Extensions.Logging.Abstractions;

namespace FullStack.Unit.Smtp.Client;

/// <summary>Our client and a host that plays a script.</summary>
internal sealed class ClientConversation(ScriptedHost host, SmtpClientOptions? options = null, ClientEnvironment? environment = null) : IAsyncDisposable
{
    /// <summary>What a host says first that knows nothing special.</summary>
    public const string Plain = "S: 220 mx.example.test ESMTP\nC: EHLO client.example.test\nS: 250 mx.example.test\n";

    /// <summary>The same, and it takes commands in one go.</summary>
    public const string Pipelining = "S: 220 mx.example.test ESMTP\nC: EHLO client.example.test\nS: 250-mx.example.test\nS: 250 PIPELINING\n";

    public static readonly SmtpClientOptions Options = new() { HostName = "client.example.test", MaxIdle = 0 };

    private readonly MailClient _client = new(environment ?? EnvironmentOf(options ?? Options));

    public static ManualTimeProvider Time(ClientEnvironment environment) => (ManualTimeProvider)environment.Time;

    public RemoteHost Host { get; init; } = new("mx.example.test", host.EndPoint);

    public static ClientEnvironment EnvironmentOf(SmtpClientOptions options)
        => new() { Options = options, Time = new ManualTimeProvider(), Loggers = NullLoggerFactory.Instance };

    public static OutgoingMessage Message(string text, params string[] recipients) => Message(Encoding.Latin1.GetBytes(text), new ReversePath("alice", "example.org"), recipients);

    public static OutgoingMessage Message(byte[] octets, ReversePath sender, params string[] recipients) => new()
    {
        Id = new QueueId(1),
        Envelope = new Envelope(sender),
        Recipients = [.. recipients.Select(static address => new OutgoingRecipient(PathOf(address), RecipientDsn.Default))],
        Octets = octets.Length,
        Open = _ => ValueTask.FromResult<Stream>(new MemoryStream(octets)),
    };

    public static ForwardPath PathOf(string address)
    {
        int at = address.LastIndexOf('@');
        return new(address[..at], address[(at + 1)..]);
    }

    /// <summary>Makes one attempt, and has the script played to its end.</summary>
    public async Task<AttemptReport> SendAsync(OutgoingMessage message)
    {
        AttemptReport report = await _client.SendAsync(Host, message, TestContext.Current.CancellationToken);
        await _client.DisposeAsync();
        await host.FinishAsync();
        return report;
    }

    /// <summary>Makes one attempt, the client going on after it.</summary>
    public Task<AttemptReport> SendOneAsync(OutgoingMessage message) => _client.SendAsync(Host, message, TestContext.Current.CancellationToken).AsTask();

    /// <summary>Plays a script with one message.</summary>
    public static async Task<AttemptReport> PlayAsync(string script, OutgoingMessage message)
    {
        await using ScriptedHost host = new(script);
        await using ClientConversation conversation = new(host);
        return await conversation.SendAsync(message);
    }

    public ValueTask DisposeAsync() => _client.DisposeAsync();
}
