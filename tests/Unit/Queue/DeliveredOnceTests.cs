using FullStack.Queue.Routing;
using FullStack.Smtp;
using FullStack.Smtp.Server;
using FullStack.Store;
using FullStack.Store.Posix;
using FullStack.Unit.Store;

namespace FullStack.Unit.Queue;

/// <summary>Mailboxes of this host get each message once, whatever fails after they have got it.</summary>
public sealed class DeliveredOnceTests
{
    private static readonly TimeSpan s_whileTroubled = TimeSpan.FromMinutes(20);

    [Theory]
    [InlineData("INSERT", "messages")]
    [InlineData("INSERT", "recipients")]
    [InlineData(QueueFaults.AtCommit, "recipients")]
    public async Task A_message_for_both_that_cannot_be_queued_is_refused_before_a_mailbox_has_it(string statement, string table)
    {
        await using QueueRig rig = new();
        await rig.StartAsync();
        QueueFaults.Change(rig, QueueFaults.Of(statement, table));
        Assert.All(await SendAsync(rig), static status => Assert.True(status.IsTemporary));
        Assert.Empty(await rig.InboxAsync("bob"));

        QueueFaults.Change(rig, QueueFaults.Gone);
        Assert.All(await SendAsync(rig), static status => Assert.True(status.IsSuccess));
        await rig.RestAsync();
        Assert.Single(await rig.InboxAsync("bob"));
        Assert.Single(rig.Client.Sent);
        Assert.Empty(rig.Files);
    }

    [Fact]
    public async Task Where_each_recipient_has_a_reply_of_its_own_mailboxes_get_a_message_that_cannot_be_queued()
    {
        await using QueueRig rig = new();
        await rig.Queue.OpenAsync();
        QueueFaults.Change(rig, QueueFaults.Of("INSERT", "messages"));
        Envelope envelope = QueueRig.Fill(new(QueueRig.PathOf("alice@example.test")) { Replies = RepliesAfterData.EachRecipient }, "bob@example.test", "joe@example.net");
        Assert.Equal([true, false], (await rig.SendAsync(envelope, peer: QueueRig.Peer(null, SmtpRole.Lmtp))).Select(static status => status.IsSuccess));
        Assert.Single(await rig.InboxAsync("bob"));
        Assert.Empty(rig.Files);
    }

    [Fact]
    public async Task Who_passes_mail_on_does_not_have_what_he_hears_could_not_be_queued()
    {
        await using QueueRig rig = new();
        await rig.Queue.OpenAsync();
        QueueFaults.Change(rig, QueueFaults.Of("INSERT", "messages"));
        Envelope envelope = new(QueueRig.PathOf("alice@example.test")) { Replies = RepliesAfterData.EachRecipient };
        MailboxAddress bob = QueueRig.AddressOf("bob@example.test");
        envelope.Add(new(new(bob), new MailRoute([new(TempStore.Name("bob"), bob.ToString())], [QueueRig.AddressOf("joe@example.net")])));
        Assert.True(Assert.Single(await rig.SendAsync(envelope, peer: QueueRig.Peer(null, SmtpRole.Lmtp))).IsTemporary);
        Assert.Empty(await rig.InboxAsync("bob"));
    }

    [Theory]
    [InlineData("DELETE", false)]
    [InlineData("UPDATE", true)]
    public async Task Another_host_is_not_tried_again_before_what_it_said_is_written_down(string statement, bool putsOff)
    {
        await using QueueRig rig = new();
        await rig.StartAsync();
        if (putsOff)
            rig.Client.Says = static (_, _) => ScriptedClient.Later;
        QueueFaults.Change(rig, QueueFaults.Of(statement, "recipients"));
        Assert.All(await rig.SendAsync(QueueRig.Envelope("alice@example.test", "joe@example.net")), static status => Assert.True(status.IsSuccess));
        await rig.RestAsync();
        await rig.PassAsync(s_whileTroubled);
        Assert.Single(rig.Client.Sent);

        QueueFaults.Change(rig, QueueFaults.Gone);
        await rig.PassAsync(TimeSpan.FromMinutes(1));
        Assert.Equal(putsOff ? 1 : 0, QueueFaults.CountRows(rig));
        Assert.Single(rig.Client.Sent);
    }

    [Fact]
    public async Task What_was_moved_does_not_come_again_because_its_delivery_was_written_down_late()
    {
        await using QueueRig rig = new();
        await rig.StartAsync();
        QueueFaults.Change(rig, QueueFaults.Of("DELETE", "recipients", "old.destination LIKE 'local:%'"));
        Assert.All(await SendAsync(rig), static status => Assert.True(status.IsSuccess));
        using (FullStack.Store.Feed.MailboxView view = await TempStore.OpenAsync(await rig.Temp.AccountAsync("bob")))
            Assert.True((await view.RemoveAsync(UidSet.All, TempStore.Ct)).Ok);
        await rig.PassAsync(s_whileTroubled);
        QueueFaults.Change(rig, QueueFaults.Gone);
        await rig.PassAsync(s_whileTroubled);
        Assert.Empty(await rig.InboxAsync("bob"));
        Assert.Equal(0, QueueFaults.CountRows(rig));
        Assert.Empty(rig.Files);
    }

    [Theory]
    [InlineData(StoreFormat.Maildir, false)]
    [InlineData(StoreFormat.Maildir, true)]
    [InlineData(StoreFormat.Mbox, false)]
    [InlineData(StoreFormat.Mbox, true)]
    public async Task A_message_for_both_whose_delivery_cannot_be_written_down_is_in_the_mailbox_once(StoreFormat format, bool restarts)
    {
        await using QueueRig rig = new(format: format);
        await rig.StartAsync();
        QueueFaults.Change(rig, QueueFaults.Of("DELETE", "recipients", "old.destination LIKE 'local:%'"));
        Assert.All(await SendAsync(rig), static status => Assert.True(status.IsSuccess));
        await CheckOnceAsync(rig, restarts);
    }

    [Theory]
    [InlineData(StoreFormat.Maildir, false)]
    [InlineData(StoreFormat.Maildir, true)]
    [InlineData(StoreFormat.Mbox, false)]
    [InlineData(StoreFormat.Mbox, true)]
    public async Task A_queued_message_whose_delivery_cannot_be_written_down_is_in_the_mailbox_once(StoreFormat format, bool restarts)
    {
        await using QueueRig rig = new(format: format);
        await rig.StartAsync();
        QueueFaults.Change(rig, QueueFaults.Of("DELETE", "recipients"));
        Envelope envelope = QueueRig.Fill(new(QueueRig.PathOf("alice@example.test")) { HoldUntil = rig.Time.GetUtcNow() + TimeSpan.FromMinutes(1) }, "bob@example.test");
        Assert.All(await rig.SendAsync(envelope), static status => Assert.True(status.IsSuccess));
        await rig.PassAsync(TimeSpan.FromMinutes(2));
        await CheckOnceAsync(rig, restarts);
    }

    [Fact]
    public async Task A_copy_that_was_read_meanwhile_is_found_too()
    {
        await using QueueRig rig = new();
        await rig.StartAsync();
        QueueFaults.Change(rig, QueueFaults.Of("DELETE", "recipients", "old.destination LIKE 'local:%'"));
        await SendAsync(rig);
        string file = Assert.Single(Directory.GetFiles(Path.Combine(rig.Temp.Maildir("bob"), "new")));
        File.Move(file, Path.Combine(rig.Temp.Maildir("bob"), "cur", Path.GetFileName(file) + ":2,S"));
        await CheckOnceAsync(rig, restarts: true);
    }

    [Fact]
    public async Task A_delivery_that_takes_longer_than_the_first_pause_is_not_attempted_from_the_queue_too()
    {
        FailingFiles files = new(new PosixFiles(SyncMode.None));
        await using QueueRig rig = new(files: files);
        await rig.StartAsync();
        using ManualResetEventSlim proceeds = new();
        TaskCompletionSource begun = new(TaskCreationOptions.RunContinuationsAsynchronously);
        int deliveries = 0;
        files.FailsAt = (call, path) =>
        {
            if (call is not ("rename" or "link") || !path.Contains("/bob/Maildir/new/", StringComparison.Ordinal))
                return false;
            Interlocked.Increment(ref deliveries);
            begun.TrySetResult();
            return !proceeds.Wait(TimeSpan.FromMinutes(1));
        };
        Task<IReadOnlyList<DeliveryStatus>> sent = Task.Run(() => SendAsync(rig));
        await begun.Task;

        // What is due later for somebody else is delivered: the queue has come by.
        Envelope later = QueueRig.Fill(new(QueueRig.PathOf("alice@example.test")) { HoldUntil = rig.Time.GetUtcNow() + s_whileTroubled / 2 }, "carol@example.test");
        await rig.SendAsync(later);
        rig.Time.Advance(s_whileTroubled);
        while ((await rig.InboxAsync("carol")).Count == 0)
            await Task.Yield();
        Assert.Equal(1, deliveries);
        proceeds.Set();
        Assert.All(await sent, static status => Assert.True(status.IsSuccess));
        await rig.RestAsync();
        Assert.Single(await rig.InboxAsync("bob"));
        Assert.Equal(1, deliveries);
        Assert.Empty(rig.Files);
    }

    private static Task<IReadOnlyList<DeliveryStatus>> SendAsync(QueueRig rig) => rig.SendAsync(QueueRig.Envelope("alice@example.test", "bob@example.test", "joe@example.net"));

    private static async Task CheckOnceAsync(QueueRig rig, bool restarts)
    {
        if (restarts)
            await rig.RestartAsync();
        await rig.RestAsync();
        Assert.Equal(1, QueueFaults.CountRows(rig));
        QueueFaults.Change(rig, QueueFaults.Gone);
        await rig.PassAsync(s_whileTroubled);
        Assert.Single(await rig.InboxAsync("bob"));
        Assert.Equal(0, QueueFaults.CountRows(rig));
        Assert.Empty(rig.Files);
    }
}
