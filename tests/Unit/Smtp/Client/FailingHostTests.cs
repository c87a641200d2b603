using System.Net;
using System.Net.Sockets;
using FullStack.Harness.Servers;
using FullStack.Smtp.Client;
using static FullStack.Unit.Smtp.Client.ClientConversation;

namespace FullStack.Unit.Smtp.Client;

/// <summary>Hosts that fail in every way: each costs one attempt, never an exception, and nobody's mail.</summary>
public sealed class FailingHostTests
{
    private const string Text = "Subject: hi\r\n\r\nbye\r\n";
    private const string ToData = Plain + "C: MAIL *\nS: 250 Ok\nC: RCPT *\nS: 250 Ok\nC: DATA\nS: 354 go\n";
    private const string Quit = "C: QUIT\nS: 221 bye\n";

    /// <summary>Script, code, enhanced code, part of the text, whether the host said it, whether another host may do.</summary>
    public static TheoryData<string, int, string, string, bool, bool> Failures => new()
    {
        { "S: 554 5.7.1 no service for you", 554, "5.7.1", "no service for you", true, true },
        { "S: 554 no service", 554, "5.0.0", "no service", true, true },
        { "S: 521 mx takes no mail", 521, "5.3.2", "mx takes no mail", true, true },
        { "S: 421 mx too busy", 421, "4.3.2", "mx too busy", true, true },
        { "S: 354 what", 451, "4.5.0", "Unexpected reply: 354 what", false, true },
        { "@close", 451, "4.4.2", "lost before the greeting", false, true },
        { "S: 220 mx\nC: EHLO *\n@reset", 451, "4.4.2", "lost after the greeting", false, true },
        { "S: hello", 451, "4.5.0", "none of the mail protocol", false, true },
        { "S: 220\t", 451, "4.5.0", "none of the mail protocol", false, true },
        { "S: 120 early", 451, "4.5.0", "none of the mail protocol", false, true },
        { "S: 220-a\nS: 250 b", 451, "4.5.0", "none of the mail protocol", false, true },
        { "S<< " + string.Concat(Enumerable.Repeat("220-x\\r\\n", 101)), 451, "4.5.0", "none of the mail protocol", false, true },
        { "S<< 220 " + new string('x', 5000) + "\\r\\n", 451, "4.5.0", "none of the mail protocol", false, true },
        { "S: 220 mx\nC: EHLO *\nS: 421 4.3.2 closing", 421, "4.3.2", "closing", true, true },
        { "S: 220 mx\nC: EHLO *\nS: 451 4.3.0 broken", 451, "4.3.0", "broken", true, true },
        { "S: 220 mx\nC: EHLO *\nS: 502 what\nC: HELO client.example.test\nS: 550 5.7.1 not you", 550, "5.7.1", "not you", true, true },
        { "S: 220 mx\nC: EHLO *\nS: 250-half\n@close", 451, "4.4.2", "lost after the greeting", false, true },
        { Plain + "C: MAIL *\n@close", 451, "4.4.2", "lost after MAIL", false, true },
        { Plain + "C: MAIL *\nS: 421 4.3.2 closing", 421, "4.3.2", "closing", true, true },
        { Plain + "C: MAIL *\nS: 250 Ok\nC: RCPT *\n@close", 451, "4.4.2", "lost after RCPT", false, true },
        { Plain + "C: MAIL *\nS: 250 Ok\nC: RCPT *\nS: 421 4.7.0 enough", 421, "4.7.0", "enough", true, false },
        { ToData + "@close", 451, "4.4.2", "lost after the message was sent", false, false },
        { ToData + "C...\n@close", 451, "4.4.2", "lost after the message was sent", false, false },
        { ToData + "C...\n@reset\n@close", 451, "4.4.2", "lost after the message was sent", false, false },
        { ToData + "C...\nS: 421 4.3.2 closing", 421, "4.3.2", "closing", true, false },
        { ToData + "C...\nS: 354 again\n" + Quit, 451, "4.5.0", "Unexpected reply: 354 again", true, false },
        { ToData + "C...\nS<< 550 5.7.1 bad\\0\u00e4\\t\u001bthing\\r\\n\n" + Quit, 550, "5.7.1", "bad??\\t?thing", true, false },
    };

    [Theory]
    [MemberData(nameof(Failures))]
    public async Task A_failure_is_told_as_what_it_is(string script, int code, string status, string text, bool isRemote, bool tryNextHost)
    {
        AttemptReport report = await PlayAsync(script, Message(Text, "bob@example.test"));
        RecipientResult result = report.Results.Single();
        Assert.Equal((code, status), (result.Status.Code, result.Status.Status.ToString()));
        Assert.Contains(text, result.Status.Text, StringComparison.Ordinal);
        Assert.Equal((isRemote, tryNextHost), (result.IsRemote, report.TryNextHost));
    }

    [Fact]
    public async Task A_host_that_does_not_know_ehlo_is_greeted_as_of_old()
    {
        AttemptReport report = await PlayAsync(
            "S: 220 mx\nC: EHLO *\nS: 500 what\nC: HELO client.example.test\nS: 250 mx\nC: MAIL FROM:<alice@example.org>\nS: 250 Ok\nC: RCPT TO:<bob@example.test>\nS: 251 will forward\n"
            + "C: DATA\nS: 354 go\nC...\nS: 250 Ok\n" + Quit, Message(Text, "bob@example.test"));
        Assert.True(report.Results.Single().Status.IsSuccess);
    }

    [Fact]
    public async Task A_route_by_lmtp_to_a_host_that_does_not_speak_it_is_for_later()
    {
        await using ScriptedHost host = new("S: 220 mx\nC: LHLO client.example.test\nS: 500 what\n@wait");
        await using ClientConversation conversation = new(host) { Host = new RemoteHost("mx.example.test", host.EndPoint) { Protocol = RemoteProtocol.Lmtp } };
        AttemptReport report = await conversation.SendOneAsync(Message(Text, "bob@example.test"));
        Assert.True(report.Results.Single().Status.IsTemporary);
        Assert.True(report.TryNextHost);
    }

    [Fact]
    public async Task A_recipient_refused_with_521_says_nothing_of_the_others()
    {
        AttemptReport report = await PlayAsync(
            Plain + "C: MAIL *\nS: 250 Ok\nC: RCPT *\nS: 521 5.1.1 not that one\nC: RCPT *\nS: 250 Ok\nC: DATA\nS: 354 go\nC...\nS: 250 Ok\n" + Quit, Message(Text, "a@example.test", "b@example.test"));
        Assert.Equal([521, 250], report.Results.Select(static result => result.Status.Code));
    }

    [Fact]
    public async Task What_was_said_of_some_recipients_holds_when_the_host_leaves()
    {
        AttemptReport report = await PlayAsync(
            Pipelining + "C: MAIL *\nC: RCPT *\nC: RCPT *\nC: DATA\nS: 250 Ok\nS: 550 5.1.1 nobody\nS: 421 4.3.2 closing", Message(Text, "a@example.test", "b@example.test"));
        Assert.Equal([550, 421], report.Results.Select(static result => result.Status.Code));
        Assert.False(report.TryNextHost);
    }

    [Fact]
    public async Task Last_words_in_the_middle_of_a_message_are_heard()
    {
        await using ScriptedHost host = new(ToData + "S: 552 5.3.4 much too big\nC: Subject: hi\n@close");
        await using ClientConversation conversation = new(host);
        AttemptReport report = await conversation.SendAsync(Message("Subject: hi\r\n\r\n" + new string('x', 30_000_000), "bob@example.test"));
        // The system may have thrown the words away with the connection.
        Assert.Contains(report.Results.Single().Status.Code, (int[])[552, 451]);
    }

    [Fact]
    public async Task Nobody_at_the_door_is_told_for_another_host()
    {
        using Socket bound = new(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        bound.Bind(new IPEndPoint(IPAddress.Loopback, 0)); // and nobody listens
        await using MailClient client = new(EnvironmentOf(Options));
        AttemptReport report = await client.SendAsync(new RemoteHost("mx.example.test", bound.LocalEndPoint!), Message(Text, "bob@example.test"), TestContext.Current.CancellationToken);
        Assert.Equal("4.4.1", report.Results.Single().Status.Status.ToString());
        Assert.True(report.TryNextHost);
    }

    [Theory]
    [InlineData("@wait", true)]
    [InlineData("S: 220-mx\n@wait", true)]
    [InlineData("S: 220 mx\nC: EHLO *\n@wait", true)]
    [InlineData(Plain + "C: MAIL *\n@wait", true)]
    [InlineData(Plain + "C: MAIL *\nS: 250 Ok\nC: RCPT *\n@wait", true)]
    [InlineData(ToData + "C...\n@wait", false)]
    public async Task A_host_that_says_nothing_is_given_up(string script, bool tryNextHost)
    {
        // The host may have the connection, and wait, before the client knows of it.
        ClientEnvironment environment = EnvironmentOf(new SmtpClientOptions { HostName = "client.example.test", MaxIdle = 0, ConnectTimeout = TimeSpan.FromDays(45) });
        await using ScriptedHost host = new(script);
        await using ClientConversation conversation = new(host, environment: environment);
        Task<AttemptReport> sending = conversation.SendOneAsync(Message(Text, "bob@example.test"));
        await Task.WhenAny(sending, host.Waiting);
        while (!sending.IsCompleted)
        {
            Time(environment).Advance(TimeSpan.FromMinutes(1));
            await Task.WhenAny(sending, Task.Delay(1, TestContext.Current.CancellationToken));
        }

        AttemptReport report = await sending;
        Assert.Equal((451, "4.4.2"), (report.Results.Single().Status.Code, report.Results.Single().Status.Status.ToString()));
        Assert.Contains("timed out", report.Results.Single().Status.Text, StringComparison.Ordinal);
        Assert.Equal(tryNextHost, report.TryNextHost);
        await host.FinishAsync();
    }

    /// <summary>Every step has a time of its own (RFC 5321 §4.5.3.2): with that one short and all others very long, the host is given up.</summary>
    [Theory]
    [InlineData("@wait", nameof(SmtpClientOptions.GreetingTimeout))]
    [InlineData("S: 220 mx\nC: EHLO *\n@wait", nameof(SmtpClientOptions.GreetingTimeout))]
    [InlineData("S: 220 mx\nC: EHLO *\nS: 250-mx\nS: 250 STARTTLS\nC: STARTTLS\n@wait", nameof(SmtpClientOptions.CommandTimeout))]
    [InlineData(Plain + "C: MAIL *\n@wait", nameof(SmtpClientOptions.CommandTimeout))]
    [InlineData(Plain + "C: MAIL *\nS: 250 Ok\nC: RCPT *\n@wait", nameof(SmtpClientOptions.CommandTimeout))]
    [InlineData(Plain + "C: MAIL *\nS: 250 Ok\nC: RCPT *\nS: 250 Ok\nC: DATA\n@wait", nameof(SmtpClientOptions.DataTimeout))]
    [InlineData(ToData + "C...\n@wait", nameof(SmtpClientOptions.AcceptTimeout))]
    public async Task Each_wait_is_limited_by_its_own_option(string script, string option)
    {
        TimeSpan brief = TimeSpan.FromMinutes(1), endless = TimeSpan.FromDays(45);
        TimeSpan Of(string name) => name == option ? brief : endless;
        ClientEnvironment environment = EnvironmentOf(new SmtpClientOptions
        {
            HostName = "client.example.test", MaxIdle = 0, MinDataRate = 0, ConnectTimeout = endless, PieceTimeout = endless,
            GreetingTimeout = Of(nameof(SmtpClientOptions.GreetingTimeout)),
            CommandTimeout = Of(nameof(SmtpClientOptions.CommandTimeout)), DataTimeout = Of(nameof(SmtpClientOptions.DataTimeout)),
            AcceptTimeout = Of(nameof(SmtpClientOptions.AcceptTimeout)),
        });
        await using ScriptedHost host = new(script);
        await using ClientConversation conversation = new(host, environment: environment);
        Task<AttemptReport> sending = conversation.SendOneAsync(Message(Text, "bob@example.test"));
        DateTimeOffset begin = Time(environment).GetUtcNow();
        await Task.WhenAny(sending, host.Waiting);
        while (!sending.IsCompleted)
        {
            Assert.True(Time(environment).GetUtcNow() - begin < endless, "another time was up");
            Time(environment).Advance(brief);
            await Task.WhenAny(sending, Task.Delay(1, TestContext.Current.CancellationToken));
        }

        Assert.True((await sending).Results.Single().Status.IsTemporary);
    }

    [Fact]
    public void A_host_has_as_long_as_the_standard_gives_it()
    {
        SmtpClientOptions options = new();
        Assert.Equal([5, 5, 2, 3, 10], ((TimeSpan[])[options.GreetingTimeout, options.CommandTimeout, options.DataTimeout, options.PieceTimeout, options.AcceptTimeout]).Select(static time => time.TotalMinutes));
        Assert.Equal(5, new FullStack.Smtp.SmtpOptions().CommandTimeout.TotalMinutes);
    }

    [Fact]
    public async Task A_message_that_cannot_be_read_is_our_fault_and_never_ended()
    {
        await using ScriptedHost host = new(ToData + "@wait");
        await using ClientConversation conversation = new(host);
        int opened = 0; // once to see whether it has to be converted, once to be sent
        OutgoingMessage message = Message(Text, "bob@example.test") with { Open = _ => ValueTask.FromResult<Stream>(new FailingStream(++opened > 1)) };
        await Assert.ThrowsAsync<IOException>(() => conversation.SendOneAsync(message));
        await host.FinishAsync();
    }

    private sealed class FailingStream(bool fails) : MemoryStream("Subject: hi\r\n\r\n"u8.ToArray())
    {
        public override ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
            => fails && Position == Length ? throw new IOException("the disk is gone") : base.ReadAsync(buffer, cancellationToken);
    }
}
