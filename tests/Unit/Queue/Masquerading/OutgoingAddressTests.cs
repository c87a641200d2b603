using FullStack.Queue.Masquerading;
using FullStack.Queue.Relay;
using FullStack.Queue.Routing;
using FullStack.Smtp;
using FullStack.Smtp.Server;

namespace FullStack.Unit.Queue.Masquerading;

/// <summary>What other hosts see of addresses of the house, and who else does.</summary>
public sealed class OutgoingAddressTests
{
    private const string Inside = "ann@pc1.example.test";
    private const string Outside = "ann@example.org";

    private static readonly string s_text = $"From: Ann <{Inside}>\r\nTo: bob@pc1.example.test\r\n\r\nReply to {Inside}\r\n";

    [Fact]
    public async Task Other_hosts_see_it_and_mailboxes_here_do_not()
    {
        await using QueueRig rig = new() { Masquerade = Rules() };
        await rig.StartAsync();
        await rig.SendAsync(QueueRig.Envelope(Inside, "joe@example.net", "bob@example.test"), s_text);
        await rig.RestAsync();
        SentMessage sent = Assert.Single(rig.Client.Sent);
        Assert.Equal($"<{Outside}>", sent.Sender.ToString());
        Assert.Equal(s_text.Replace($"Ann <{Inside}>", $"Ann <{Outside}>", StringComparison.Ordinal), sent.Text);
        Assert.Contains($"From: Ann <{Inside}>", Assert.Single(await rig.InboxAsync("bob")), StringComparison.Ordinal);
    }

    /// <summary>The size that MAIL tells is that of what goes out.</summary>
    [Fact]
    public async Task The_size_is_that_of_what_goes_out()
    {
        await using QueueRig rig = new() { Masquerade = Rules() };
        long told = 0;
        rig.Client.Asked = message => told = message.Octets;
        await rig.StartAsync();
        await rig.SendAsync(QueueRig.Envelope(Inside, "joe@example.net"), s_text);
        await rig.RestAsync();
        Assert.Equal(Assert.Single(rig.Client.Sent).Text.Length, told);
        Assert.Equal(s_text.Length - Inside.Length + Outside.Length, told);
    }

    [Theory]
    [InlineData(SmtpRole.Submission, "ann@example.test", false, false, true)]
    [InlineData(SmtpRole.Relay, "ann@example.test", false, false, true)]
    [InlineData(SmtpRole.Local, null, false, false, true)]
    [InlineData(SmtpRole.Relay, null, false, true, false)]
    [InlineData(SmtpRole.Relay, null, true, false, false)]
    [InlineData(SmtpRole.Relay, null, true, true, true)]
    [InlineData(SmtpRole.Lmtp, null, false, true, false)]
    public async Task Whose_mail_it_is_decides(SmtpRole role, string? account, bool isNear, bool includesRelayed, bool changes)
    {
        await using QueueRig rig = new() { Masquerade = Rules(includesRelayed: includesRelayed), Networks = isNear ? [System.Net.IPNetwork.Parse("127.0.0.0/8")] : [] };
        await rig.StartAsync();
        await rig.SendAsync(QueueRig.Envelope(Inside, "joe@example.net"), s_text, QueueRig.Peer(account, role));
        await rig.RestAsync();
        Assert.Equal(changes, Assert.Single(rig.Client.Sent).Sender == QueueRig.PathOf(Outside));
    }

    [Theory]
    [InlineData(MasqueradedFields.Envelope)]
    [InlineData(MasqueradedFields.Senders)]
    [InlineData(MasqueradedFields.Recipients)]
    [InlineData(MasqueradedFields.Envelope | MasqueradedFields.Senders | MasqueradedFields.Recipients)]
    public async Task Only_where_it_is_wanted(MasqueradedFields fields)
    {
        await using QueueRig rig = new() { Masquerade = Rules(fields) };
        await rig.StartAsync();
        await rig.SendAsync(QueueRig.Envelope(Inside, "joe@example.net"), s_text);
        await rig.RestAsync();
        SentMessage sent = Assert.Single(rig.Client.Sent);
        Assert.Equal(fields.HasFlag(MasqueradedFields.Envelope), sent.Sender == QueueRig.PathOf(Outside));
        Assert.Equal(fields.HasFlag(MasqueradedFields.Senders), sent.Text.Contains($"<{Outside}>", StringComparison.Ordinal));
        Assert.Equal(fields.HasFlag(MasqueradedFields.Recipients), sent.Text.Contains("To: bob@example.org\r\n", StringComparison.Ordinal));
    }

    /// <summary>Two recipients behind one host, of whom one is in the house: each gets the message as it is for him.</summary>
    [Fact]
    public async Task A_route_within_the_house_keeps_addresses()
    {
        NextHop hub = new("hub", IsHost: true);
        await using QueueRig rig = new(routes: [new("intern.example", "*", hub) { KeepsAddresses = true }, new("*", "*", hub)]) { Masquerade = Rules() };
        await rig.StartAsync();
        await rig.SendAsync(QueueRig.Envelope(Inside, "joe@example.net", "kay@intern.example", "lee@example.net"), s_text);
        await rig.RestAsync();
        Assert.Equal(
            ["<ann@example.org> joe@example.net lee@example.net", "<ann@pc1.example.test> kay@intern.example"],
            rig.Client.Sent.Select(static sent => $"{sent.Sender} {string.Join(' ', sent.Recipients)}").Order());
    }

    /// <summary>The recipient in the sender's address is written behind what the sender is called outside.</summary>
    [Fact]
    public async Task A_sender_for_each_recipient_is_made_of_the_outside_address()
    {
        await using QueueRig rig = new() { Masquerade = Rules() };
        await rig.StartAsync();
        await rig.SendAsync(QueueRig.Fill(new(QueueRig.PathOf(Inside)) { Verp = VerpDelimiters.Default }, "joe@example.net"), s_text);
        await rig.RestAsync();
        Assert.Equal("<ann+joe=example.net@example.org>", Assert.Single(rig.Client.Sent).Sender.ToString());
    }

    /// <summary>A list's owner is of the house, whoever wrote to the list; the writer's own address is his.</summary>
    [Fact]
    public async Task A_lists_owner_has_its_outside_address_in_a_strangers_mail()
    {
        await using QueueRig rig = new() { Masquerade = Rules() };
        await rig.StartAsync();
        Envelope envelope = new(QueueRig.PathOf("ann@pc1.example.test"));
        ForwardedCopy copy = new(new("news", "pc1.example.test"), new("owner-news", "pc1.example.test"))
        {
            Elsewhere = [new("joe", "example.net")], Targets = [new(FullStack.Unit.Store.TempStore.Name("bob"), "bob@example.test")],
        };
        envelope.Add(new(new("news", "pc1.example.test"), new MailRoute([], []) { Copies = [copy] }));
        await rig.SendAsync(envelope, s_text, QueueRig.Peer(null, SmtpRole.Relay));
        await rig.RestAsync();
        SentMessage sent = Assert.Single(rig.Client.Sent);
        Assert.Equal("<owner-news@example.org>", sent.Sender.ToString());
        Assert.Contains($"From: Ann <{Inside}>", sent.Text, StringComparison.Ordinal);
        Assert.StartsWith("Return-Path: <owner-news@pc1.example.test>", Assert.Single(await rig.InboxAsync("bob")), StringComparison.Ordinal);
    }

    private static Masquerade Rules(MasqueradedFields fields = MasqueradedFields.Envelope | MasqueradedFields.Senders, bool includesRelayed = false)
        => new(new() { Table = MasqueradeTable.Read("/outside", "@pc1.example.test @example.org\n", []), Fields = fields, IncludesRelayed = includesRelayed }, "+");
}
