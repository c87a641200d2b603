using FullStack.Harness.Servers;
using FullStack.Smtp;
using FullStack.Smtp.Client;
using static FullStack.Unit.Smtp.Client.ClientConversation;

namespace FullStack.Unit.Smtp.Client;

/// <summary>What the client says to a host, and what it makes of the answers.</summary>
public sealed class TransactionTests
{
    private const string Text = "Subject: hi\r\n\r\n.dot\r\nbye\r\n";

    [Fact]
    public async Task A_message_goes_command_by_command_where_the_host_offers_no_pipelining()
    {
        await using ScriptedHost host = new(Plain + """
            C: MAIL FROM:<alice@example.org>
            S: 250 2.1.0 Ok
            C: RCPT TO:<bob@example.test>
            S: 250 2.1.5 Ok
            C: DATA
            S: 354 go
            C...
            S: 250 2.0.0 Queued as 17
            C: QUIT
            S: 221 bye
            """);
        await using ClientConversation conversation = new(host);
        AttemptReport report = await conversation.SendAsync(Message(Text, "bob@example.test"));
        Assert.Equal(["Subject: hi\r\n\r\n..dot\r\nbye\r\n"], host.Messages);
        Assert.Equal([new RecipientResult(new(250, new(2, 0, 0), "Queued as 17"), false, true)], report.Results);
        Assert.False(report.TryNextHost);
        Assert.Equal("mx.example.test", report.RemoteName);
        Assert.Null(report.Tls);
    }

    [Fact]
    public async Task Commands_go_in_one_piece_where_the_host_offers_pipelining()
    {
        const string commands = "MAIL FROM:<alice@example.org>\r\nRCPT TO:<bob@example.test>\r\nRCPT TO:<carol@example.test>\r\nDATA\r\n";
        await using ScriptedHost host = new(Pipelining + $"C+{commands.Length}" + """

            S: 250 2.1.0 Ok
            S: 550 5.1.1 No such user
            S: 250 2.1.5 Ok
            S: 354 go
            C...
            S: 250 2.0.0 Ok
            C: QUIT
            S: 221 bye
            """);
        await using ClientConversation conversation = new(host);
        AttemptReport report = await conversation.SendAsync(Message(Text, "bob@example.test", "carol@example.test"));
        Assert.Equal(commands, host.Messages[0]);
        Assert.Equal([550, 250], report.Results.Select(static result => result.Status.Code));
        Assert.Equal(new DeliveryStatus(550, new(5, 1, 1), "No such user"), report.Results[0].Status);
    }

    [Fact]
    public async Task Nobody_left_to_send_to_ends_the_pipelined_message_empty()
    {
        AttemptReport report = await PlayAsync(Pipelining + """
            C: MAIL FROM:<alice@example.org>
            C: RCPT TO:<bob@example.test>
            C: DATA
            S: 250 Ok
            S: 450 4.2.1 Later
            S: 354 go
            C: .
            S: 554 5.5.1 No valid recipients
            C: QUIT
            S: 221 bye
            """, Message(Text, "bob@example.test"));
        Assert.Equal(new DeliveryStatus(450, new(4, 2, 1), "Later"), report.Results.Single().Status);
        Assert.False(report.TryNextHost);
    }

    [Theory]
    [InlineData("550 no mail from there", 550, "5.0.0", "no mail from there", false)]
    [InlineData("550-5.7.1 not\nS: 550 5.7.1 from there", 550, "5.7.1", "not from there", false)]
    [InlineData("452 4.3.1 disk full", 452, "4.3.1", "disk full", true)]
    [InlineData("550 4.7.1 mixed up", 550, "5.0.0", "4.7.1 mixed up", false)]
    [InlineData("399 what", 451, "4.5.0", "Unexpected reply: 399 what", true)]
    public async Task A_sender_that_is_refused_is_refused_for_all(string reply, int code, string status, string text, bool tryNextHost)
    {
        foreach (bool pipelining in (bool[])[false, true])
        {
            string script = pipelining
                ? $"{Pipelining}C: MAIL *\nC: RCPT *\nC: RCPT *\nC: DATA\nS: {reply}\nS: 503 MAIL first\nS: 503 MAIL first\nS: 503 MAIL first\nC: QUIT\nS: 221 bye"
                : $"{Plain}C: MAIL *\nS: {reply}\nC: QUIT\nS: 221 bye";
            AttemptReport report = await PlayAsync(script, Message(Text, "bob@example.test", "carol@example.test"));
            Assert.Equal(2, report.Results.Count);
            Assert.All(report.Results, result => Assert.Equal((code, status, text), (result.Status.Code, result.Status.Status.ToString(), result.Status.Text)));
            Assert.Equal(tryNextHost, report.TryNextHost);
        }
    }

    [Fact]
    public async Task A_message_refused_after_the_dot_is_refused_for_those_who_were_accepted()
    {
        AttemptReport report = await PlayAsync(Plain + """
            C: MAIL *
            S: 250 Ok
            C: RCPT TO:<bob@example.test>
            S: 250 Ok
            C: RCPT TO:<carol@example.test>
            S: 451 4.7.1 Greylisted
            C: DATA
            S: 354 go
            C...
            S: 554 5.6.0 Spam
            C: QUIT
            S: 221 bye
            """, Message(Text, "bob@example.test", "carol@example.test"));
        Assert.Equal([(554, true), (451, true)], report.Results.Select(static result => (result.Status.Code, result.IsRemote)));
    }

    [Fact]
    public async Task Data_that_is_refused_is_refused_for_those_who_were_accepted()
    {
        AttemptReport report = await PlayAsync(
            Plain + "C: MAIL *\nS: 250 Ok\nC: RCPT *\nS: 250 Ok\nC: DATA\nS: 451 4.3.0 Broken\nC: QUIT\nS: 221 bye", Message(Text, "bob@example.test"));
        Assert.Equal(new DeliveryStatus(451, new(4, 3, 0), "Broken"), report.Results.Single().Status);
    }

    [Fact]
    public async Task Recipients_that_are_too_many_at_once_go_in_another_transaction()
    {
        AttemptReport report = await PlayAsync(Plain + """
            C: MAIL *
            S: 250 Ok
            C: RCPT TO:<a@example.test>
            S: 250 Ok
            C: RCPT TO:<b@example.test>
            S: 452 4.5.3 Too many
            C: DATA
            S: 354 go
            C...
            S: 250 2.0.0 one
            C: MAIL *
            S: 250 Ok
            C: RCPT TO:<b@example.test>
            S: 250 Ok
            C: DATA
            S: 354 go
            C...
            S: 250 2.0.0 two
            C: QUIT
            S: 221 bye
            """, Message(Text, "a@example.test", "b@example.test"));
        Assert.Equal(["one", "two"], report.Results.Select(static result => result.Status.Text));
    }

    [Fact]
    public async Task What_an_address_must_not_hold_never_gets_into_a_command()
    {
        OutgoingMessage message = Message(Text, "bob@example.test") with
        {
            Recipients = [new(new ForwardPath("a\r\nRSET", "example.test"), RecipientDsn.Default), new(PathOf("bob@example.test"), RecipientDsn.Default)],
        };
        AttemptReport report = await PlayAsync(
            Plain + "C: MAIL *\nS: 250 Ok\nC: RCPT TO:<bob@example.test>\nS: 250 Ok\nC: DATA\nS: 354 go\nC...\nS: 250 Ok\nC: QUIT\nS: 221 bye", message);
        Assert.Equal([553, 250], report.Results.Select(static result => result.Status.Code));
        Assert.False(report.Results[0].IsRemote);
    }
}
