using FullStack.Harness;
using FullStack.Harness.Servers;
using FullStack.Smtp;
using FullStack.Smtp.Client;
using static FullStack.Unit.Smtp.Client.ClientConversation;

namespace FullStack.Unit.Smtp.Client;

/// <summary>Connections are kept for the next message to the same host, and not longer than told.</summary>
public sealed class ReuseTests
{
    private const string Text = "Subject: hi\r\n\r\nbye\r\n";
    private const string Transaction = "C: MAIL *\nS: 250 Ok\nC: RCPT *\nS: 250 Ok\nC: DATA\nS: 354 go\nC...\nS: 250 Ok\n";
    private static readonly SmtpClientOptions s_keeping = new() { HostName = "client.example.test", IdleTime = TimeSpan.FromSeconds(10), MaxMessages = 2 };

    [Fact]
    public async Task The_next_message_takes_the_same_connection_as_often_as_allowed()
    {
        await using ScriptedHost host = new($"{Plain}{Transaction}{Transaction}C: QUIT\nS: 221 bye\n@connection\n{Plain}{Transaction}C: QUIT\nS: 221 bye");
        await using ClientConversation conversation = new(host, s_keeping);
        for (int i = 0; i < 2; i++)
            Assert.True((await conversation.SendOneAsync(Message(Text, "bob@example.test"))).Results.Single().Status.IsSuccess);
        Assert.True((await conversation.SendAsync(Message(Text, "bob@example.test"))).Results.Single().Status.IsSuccess);
    }

    [Theory]
    [InlineData("@close")]
    [InlineData("C: MAIL *\n@close")]
    [InlineData("C: MAIL *\nS: 421 4.3.2 closing\n@close")]
    public async Task A_kept_connection_that_ends_before_it_answers_costs_the_message_nothing(string end)
    {
        await using ScriptedHost host = new($"{Plain}{Transaction}{end}\n@connection\n{Plain}{Transaction}C: QUIT\nS: 221 bye");
        await using ClientConversation conversation = new(host, s_keeping);
        Assert.True((await conversation.SendOneAsync(Message(Text, "bob@example.test"))).Results.Single().Status.IsSuccess);
        Assert.True((await conversation.SendAsync(Message(Text, "bob@example.test"))).Results.Single().Status.IsSuccess);
    }

    [Fact]
    public async Task What_a_kept_connection_answers_counts_for_the_message()
    {
        await using ScriptedHost host = new($"{Plain}{Transaction}C: MAIL *\nS: 250 Ok\nC: RCPT *\nS: 421 4.3.2 closing\n@close");
        await using ClientConversation conversation = new(host, s_keeping);
        Assert.True((await conversation.SendOneAsync(Message(Text, "bob@example.test"))).Results.Single().Status.IsSuccess);
        Assert.Equal(421, (await conversation.SendAsync(Message(Text, "bob@example.test"))).Results.Single().Status.Code);
    }

    [Fact]
    public async Task An_idle_connection_ends_with_quit_after_its_time()
    {
        ClientEnvironment environment = EnvironmentOf(s_keeping);
        await using ScriptedHost host = new($"{Plain}{Transaction}C: QUIT\nS: 221 bye\n@wait");
        await using ClientConversation conversation = new(host, environment: environment);
        await conversation.SendOneAsync(Message(Text, "bob@example.test"));
        Time(environment).Advance(TimeSpan.FromSeconds(10));
        await host.FinishAsync();
    }

    [Fact]
    public async Task A_refused_message_does_not_spoil_the_connection_for_the_next()
    {
        await using ScriptedHost host = new($"{Plain}C: MAIL *\nS: 250 Ok\nC: RCPT *\nS: 550 5.1.1 nobody\nC: RSET\nS: 250 Ok\n{Transaction}C: QUIT\nS: 221 bye");
        await using ClientConversation conversation = new(host, s_keeping);
        Assert.True((await conversation.SendOneAsync(Message(Text, "bob@example.test"))).Results.Single().Status.IsPermanent);
        Assert.True((await conversation.SendAsync(Message(Text, "bob@example.test"))).Results.Single().Status.IsSuccess);
    }

    [Fact]
    public void Connections_of_different_trust_are_not_mixed()
    {
        RemoteHost host = new("mx.example.test", new System.Net.IPEndPoint(System.Net.IPAddress.Loopback, 25));
        HostKey key = HostKey.Of(host, TlsNeed.Opportunistic);
        Assert.Equal(key, HostKey.Of(host with { Name = "MX.example.test" }, TlsNeed.Opportunistic));
        Assert.NotEqual(key, HostKey.Of(host, TlsNeed.Verified));
        Assert.NotEqual(key, HostKey.Of(host with { Name = "mx2.example.test" }, TlsNeed.Opportunistic));
        Assert.NotEqual(key, HostKey.Of(host with { Credentials = new("a", "b") }, TlsNeed.Opportunistic));
        Assert.NotEqual(key, HostKey.Of(host with { Pins = [new(3, 1, 1, new byte[] { 1 })] }, TlsNeed.Opportunistic));
        Assert.NotEqual(key, HostKey.Of(host with { OtherNames = ["example.test"] }, TlsNeed.Opportunistic));
    }
}
