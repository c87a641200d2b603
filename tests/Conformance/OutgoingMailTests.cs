using System.Text;
using System.Text.RegularExpressions;
using FullStack.Harness;
using FullStack.Harness.Servers;
using FullStack.Server;
using FullStack.Smtp;
using FullStack.Smtp.Client;
using Microsoft.Extensions.Logging.Abstractions;

namespace FullStack.Conformance;

/// <summary>Our client hands real mail to our server, in every way that both know: it comes out as it went in, but for line ends that are none.</summary>
public sealed class OutgoingMailTests
{
    private static readonly Encoding s_octets = Encoding.Latin1;

    /// <summary>Protocol, size of chunks, and what TLS is needed.</summary>
    public static TheoryData<ListenerProtocol, int, TlsNeed> Ways => new()
    {
        { ListenerProtocol.Smtp, 0, TlsNeed.Never },
        { ListenerProtocol.Smtp, 0, TlsNeed.Encrypted },
        { ListenerProtocol.Smtp, 1000, TlsNeed.Opportunistic },
        { ListenerProtocol.Lmtp, 64 * 1024, TlsNeed.Never },
        { ListenerProtocol.Lmtp, 0, TlsNeed.Never },
    };

    [Theory]
    [MemberData(nameof(Ways))]
    public async Task Every_message_arrives(ListenerProtocol protocol, int chunkOctets, TlsNeed tls)
    {
        CancellationToken ct = TestContext.Current.CancellationToken;
        await using TestMailServer server = await TestMailServer.StartAsync(ct: ct);
        await using MailClient client = new(new()
        {
            Options = new() { HostName = "client.example.test", ChunkOctets = chunkOctets, MaxMessages = 50 },
            Time = TimeProvider.System,
            Loggers = NullLoggerFactory.Instance,
        });
        RemoteHost host = new("mail.example.test", server.Listener(protocol).EndPoint)
        {
            Protocol = protocol == ListenerProtocol.Lmtp ? RemoteProtocol.Lmtp : RemoteProtocol.Smtp, Tls = tls,
        };
        List<string> sent = [];
        foreach (string file in Directory.EnumerateFiles(SourceTree.PathOf("tests", "Data", "corpus"), "*.eml", SearchOption.AllDirectories))
        {
            string text = (await File.ReadAllTextAsync(file, s_octets, ct)).Replace("\r\n", "\n", StringComparison.Ordinal).Replace("\n", "\r\n", StringComparison.Ordinal);
            AttemptReport report = await client.SendAsync(host, Message(s_octets.GetBytes(text)), ct);
            Assert.All(report.Results, result => Assert.True(result.Status.IsSuccess, $"{file}: {result.Status}"));
            Assert.Equal(tls != TlsNeed.Never, report.Tls is not null);
            sent.Add(Regex.Replace(text.TrimEnd('\n'), "\r+\n|\r", "\n") + "\n");
        }

        foreach (string user in (string[])["alice", "bob"])
        {
            IEnumerable<string> arrived = MaildirFiles.Texts(server.MaildirOf(user), s_octets).Select(BelowTrace);
            Assert.Equal(sent.Select(static text => text.TrimEnd('\n')).Order(StringComparer.Ordinal), arrived.Select(static text => text.TrimEnd('\n')).Order(StringComparer.Ordinal));
        }

        server.Log.CheckNoAlarm();
    }

    [Fact]
    public async Task A_recipient_that_is_refused_does_not_keep_others_from_the_message()
    {
        CancellationToken ct = TestContext.Current.CancellationToken;
        await using TestMailServer server = await TestMailServer.StartAsync(ct: ct);
        await using MailClient client = new(new() { Options = new() { HostName = "client.example.test" }, Time = TimeProvider.System, Loggers = NullLoggerFactory.Instance });
        OutgoingMessage message = Message("Subject: hi\r\n\r\nbye\r\n"u8.ToArray());
        message = message with { Recipients = [new(new ForwardPath("nobody", "example.test"), RecipientDsn.Default), .. message.Recipients] };
        AttemptReport report = await client.SendAsync(new RemoteHost("mail.example.test", server.Listener(ListenerProtocol.Smtp).EndPoint), message, ct);
        Assert.Equal(["5.1.1", "2.0.0", "2.0.0"], report.Results.Select(static result => result.Status.Status.ToString()));
        Assert.Equal("mail.example.test", report.RemoteName);
    }

    private static OutgoingMessage Message(byte[] octets) => new()
    {
        Id = new QueueId(1),
        Envelope = new Envelope(new ReversePath("sender", "elsewhere.example")) { Body = BodyType.EightBitMime },
        Recipients = [new(new ForwardPath("alice", "example.test"), RecipientDsn.Default), new(new ForwardPath("bob", "example.test"), RecipientDsn.Default)],
        Octets = octets.Length,
        Open = _ => ValueTask.FromResult<Stream>(new MemoryStream(octets)),
    };

    private static string BelowTrace(string message)
    {
        int at = message.IndexOf("Received: from client.example.test", StringComparison.Ordinal);
        Assert.True(at >= 0, message[..Math.Min(300, message.Length)]);
        do
            at = message.IndexOf('\n', at) + 1;
        while (message[at] is ' ' or '\t');
        return message[at..];
    }
}
