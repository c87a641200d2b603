using System.Text;
using FsCheck;
using FsCheck.Fluent;
using FullStack.Smtp;

namespace FullStack.Unit.Queue;

/// <summary>Messages that mailboxes cannot have as they came: binary ones (RFC 3030), and such whose recipients have senders of their own (XVERP).</summary>
public sealed class MailboxCopyTests : IAsyncDisposable
{
    private const string Binary = "MIME-Version: 1.0\r\nContent-Type: image/x\r\nContent-Transfer-Encoding: binary\r\n\r\n\0\n\r.";

    private readonly QueueRig _rig = new();

    public ValueTask DisposeAsync() => _rig.DisposeAsync();

    [Fact]
    public async Task A_mailbox_gets_lines_and_another_host_all_octets_as_they_came()
    {
        await _rig.StartAsync();
        IReadOnlyList<DeliveryStatus> statuses = await _rig.SendAsync(BinaryTo("bob@example.test", "joe@example.net"), Binary);
        Assert.All(statuses, static status => Assert.True(status.IsSuccess));
        await _rig.RestAsync();
        Assert.Equal(Binary, Assert.Single(_rig.Client.Sent).Text);
        Assert.EndsWith("Content-Transfer-Encoding: base64\r\n\r\nAAoNLg==\r\n", Assert.Single(await _rig.InboxAsync("bob")), StringComparison.Ordinal);
        Assert.Empty(_rig.Files);
    }

    [Fact]
    public async Task One_that_waits_for_a_mailbox_is_converted_when_it_is_delivered()
    {
        await _rig.StartAsync();
        Envelope envelope = QueueRig.Fill(
            new(QueueRig.PathOf("alice@example.test")) { Body = BodyType.BinaryMime, HoldUntil = _rig.Time.GetUtcNow().AddHours(1) }, "bob@example.test");
        await _rig.SendAsync(envelope, Binary);
        Assert.Single(_rig.Files);
        await _rig.PassAsync(TimeSpan.FromHours(2), TimeSpan.FromMinutes(30));
        string text = Assert.Single(await _rig.InboxAsync("bob"));
        Assert.StartsWith("Return-Path: <alice@example.test>\r\nDelivered-To: bob@example.test\r\nMIME-Version", text, StringComparison.Ordinal);
        Assert.EndsWith("\r\n\r\nAAoNLg==\r\n", text, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("Content-Type: multipart/signed; boundary=b\r\n\r\n--b\r\n\r\na\0b\r\n--b\r\n\r\nx\r\n--b--\r\n")]
    [InlineData("Content-Type: image/x\r\nContent-Transfer-Encoding: base64\r\n\r\na\0b")]
    public async Task One_that_cannot_be_converted_is_refused(string text)
    {
        await _rig.StartAsync();
        DeliveryStatus status = Assert.Single(await _rig.SendAsync(BinaryTo("bob@example.test"), text));
        Assert.Equal((554, "5.6.3"), (status.Code, status.Status.ToString()));
        Assert.Empty(await _rig.InboxAsync("bob"));
    }

    [Fact]
    public async Task Whatever_comes_is_lines_in_the_mailbox()
    {
        await _rig.StartAsync();
        Gen<string> pieces = Gen.Elements("\r\n", "\n", "\r", "\0", ".", "a", "\r\n--b\r\n", "\n--b--\n", "\u0080", "Content-Type: text/plain\r\n\r\n").ListOf().Select(static list => string.Concat(list));
        int sent = 0;
        foreach (string body in pieces.Sample(60, size: 20))
        {
            DeliveryStatus status = Assert.Single(await _rig.SendAsync(BinaryTo("bob@example.test"), "Content-Type: multipart/mixed; boundary=b\r\n\r\n" + body));
            sent += status.IsSuccess ? 1 : 0;
        }

        // Before anybody opens the mailbox, for from then on files go from new to cur.
        string[] files = [.. Directory.GetFiles(_rig.Temp.Root, "*", SearchOption.AllDirectories).Where(static file => file.Contains("/new/", StringComparison.Ordinal))];
        Assert.Equal(sent, files.Length);
        foreach (string file in files)
            Assert.DoesNotContain(await File.ReadAllBytesAsync(file, TestContext.Current.CancellationToken), static octet => octet is 0 or (byte)'\r');
        Assert.Equal(sent, (await _rig.InboxAsync("bob")).Count);
        Assert.True(sent > 0);
    }

    [Fact]
    public async Task Each_recipient_has_a_sender_of_its_own()
    {
        await _rig.StartAsync();
        Envelope envelope = QueueRig.Fill(
            new(QueueRig.PathOf("list@example.test")) { Verp = VerpDelimiters.Default }, "alice@example.test", "bob@example.test", "joe@example.net", "jim@example.net");
        Assert.All(await _rig.SendAsync(envelope), static status => Assert.True(status.IsSuccess));
        await _rig.RestAsync();
        foreach (string user in (string[])["alice", "bob"])
        {
            string text = Assert.Single(await _rig.InboxAsync(user));
            Assert.Equal($"Return-Path: <list+{user}=example.test@example.test>\r\nDelivered-To: {user}@example.test\r\nSubject: x\r\n\r\nhello\r\n", text);
        }

        Assert.Equal(
            ["<list+jim=example.net@example.test>", "<list+joe=example.net@example.test>"],
            _rig.Client.Sent.Select(static sent => sent.Sender.ToString()).Order(StringComparer.Ordinal));
    }

    [Fact]
    public async Task So_it_has_when_it_waited()
    {
        await _rig.StartAsync();
        Envelope envelope = QueueRig.Fill(
            new(QueueRig.PathOf("list@example.test")) { Verp = new('-', '='), HoldUntil = _rig.Time.GetUtcNow().AddHours(1) }, "bob@example.test", "alice@example.test");
        await _rig.SendAsync(envelope);
        await _rig.PassAsync(TimeSpan.FromHours(2), TimeSpan.FromMinutes(30));
        foreach (string user in (string[])["alice", "bob"])
            Assert.StartsWith($"Return-Path: <list-{user}=example.test@example.test>\r\n", Assert.Single(await _rig.InboxAsync(user)), StringComparison.Ordinal);
    }

    private static Envelope BinaryTo(params string[] recipients)
        => QueueRig.Fill(new(QueueRig.PathOf("alice@example.test")) { Body = BodyType.BinaryMime }, recipients);
}
