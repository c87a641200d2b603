using FullStack.Queue.Spool;
using FullStack.Smtp;
using FullStack.Store;

namespace FullStack.Unit.Queue;

/// <summary>What an administrator does to the queue while it works: from another connection, as another process would.</summary>
public sealed class QueueBookTests : IAsyncDisposable
{
    private readonly QueueRig _rig = new();

    public ValueTask DisposeAsync() => _rig.DisposeAsync();

    [Fact]
    public async Task A_held_message_stays_until_it_is_released()
    {
        _rig.Client.Says = static (_, _) => ScriptedClient.Later;
        await _rig.StartAsync();
        await _rig.SendAsync(QueueRig.Envelope("alice@example.test", "joe@example.net"));
        await _rig.RestAsync();
        using QueueBook book = new(_rig.Folder, SyncMode.None);
        QueueId id = Assert.Single(book.List()).Message.Id;
        Assert.Single(book.Hold([id], _rig.Time.GetUtcNow()));
        _rig.Client.Says = static (_, _) => ScriptedClient.Taken;
        await _rig.PassAsync(TimeSpan.FromDays(10), TimeSpan.FromHours(4));
        Assert.Single(_rig.Client.Sent);
        Assert.True(book.Find(id)!.Value.Message.IsHeld);
        Assert.Single(book.Release([id], new(new(), _rig.Routes), _rig.Time.GetUtcNow()));
        await _rig.PassAsync(TimeSpan.FromSeconds(4), TimeSpan.FromSeconds(1));
        Assert.Equal(2, _rig.Client.Sent.Count);
        Assert.Empty(_rig.Files);
    }

    [Fact]
    public async Task Many_messages_are_listed_and_changed_like_few()
    {
        const int Count = 1100; // more than are read or changed together
        await _rig.Queue.OpenAsync();
        DateTimeOffset now = _rig.Time.GetUtcNow();
        await Task.WhenAll(Enumerable.Range(0, Count).Select(async i =>
        {
            QueuedMessage message = new()
            {
                Id = _rig.QueueIds.Next(), Envelope = new(QueueRig.PathOf("alice@example.test")), Origin = MessageOrigin.Here, Arrived = now, Octets = 10, Skip = 0,
            };
            string domain = $"d{i % 3}.test";
            await _rig.Queue.EnqueueAsync(
                message, [.. Enumerable.Range(0, 2).Select(n => new QueuedRecipient { Path = new(new($"u{n}", domain)), Destination = domain })], [], new(new(), _rig.Routes), now);
        }));
        using QueueBook book = new(_rig.Folder, SyncMode.None);
        (QueuedMessage Message, IReadOnlyList<QueuedRecipient> Recipients)[] listed = [.. book.List()];
        Assert.Equal(Count, listed.Select(static one => one.Message.Id).Distinct().Count());
        Assert.All(listed, static one => Assert.Equal(["u0", "u1"], one.Recipients.Select(static recipient => recipient.Path.Address.LocalPart)));
        QueueId[] some = [.. book.Select(new(Domain: "d1.test"))];
        Assert.Equal(some, book.List(some).Select(static one => one.Message.Id));

        Assert.Equal(Count, book.Hold(book.Select(new()), now).Count);
        Assert.Empty(await LanesAsync(now));
        Assert.Equal(some.Length, book.Release(some, new(new(), _rig.Routes), now).Count);
        Assert.Equal("d1.test", Assert.Single(await LanesAsync(now)).Destination);
        Assert.Equal(some, book.Flush(some, future: false, now));
        Assert.Equal(Count, book.Remove(book.Select(new())).Count);
        Assert.Empty(book.List());
        Assert.Empty(await LanesAsync(DateTimeOffset.MaxValue));
    }

    private async Task<IReadOnlyList<Lane>> LanesAsync(DateTimeOffset now) => await _rig.Queue.ReadAsync(queue => LaneTable.Awake(queue, now, 10));

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_flush_tries_at_once_also_where_the_destination_was_down(bool all)
    {
        _rig.Client.IsDown = static _ => true;
        await _rig.StartAsync();
        await _rig.SendAsync(QueueRig.Envelope("alice@example.test", "joe@example.net"));
        await _rig.RestAsync();
        _rig.Client.IsDown = static _ => false;
        using QueueBook book = new(_rig.Folder, SyncMode.None);
        book.Flush(book.Select(all ? new() : new(Domain: "EXAMPLE.net")), future: false, _rig.Time.GetUtcNow());
        await _rig.PassAsync(TimeSpan.FromSeconds(4), TimeSpan.FromSeconds(1));
        Assert.Equal(2, _rig.Client.Sent.Count);
        Assert.Empty(_rig.Files);
    }

    [Fact]
    public async Task A_removed_message_is_gone_and_nobody_is_told()
    {
        _rig.Client.Says = static (_, _) => ScriptedClient.Later;
        await _rig.StartAsync();
        await _rig.SendAsync(QueueRig.Envelope("alice@example.test", "joe@example.net"));
        await _rig.RestAsync();
        using QueueBook book = new(_rig.Folder, SyncMode.None);
        Assert.Single(book.Remove([Assert.Single(book.List()).Message.Id]));
        Assert.Empty(_rig.Files);
        await _rig.PassAsync(TimeSpan.FromDays(6), TimeSpan.FromHours(4));
        Assert.Single(_rig.Client.Sent);
        Assert.Empty(await _rig.InboxAsync());
    }

    [Fact]
    public async Task A_message_that_lost_its_file_is_held()
    {
        _rig.Client.Says = static (_, _) => ScriptedClient.Later;
        await _rig.StartAsync();
        await _rig.SendAsync(QueueRig.Envelope("alice@example.test", "joe@example.net"));
        await _rig.RestAsync();
        File.Delete(Assert.Single(_rig.Files));
        await _rig.PassAsync(TimeSpan.FromMinutes(5));
        using QueueBook book = new(_rig.Folder, SyncMode.None);
        Assert.True(Assert.Single(book.List()).Message.IsHeld);
        Assert.Contains(_rig.Log.Alarms, static entry => entry.Event.Id == 7013);
    }

    [Fact]
    public async Task Files_that_no_row_knows_are_swept_and_others_stay()
    {
        _rig.Client.Says = static (_, _) => ScriptedClient.Later;
        await _rig.StartAsync();
        await _rig.SendAsync(QueueRig.Envelope("alice@example.test", "joe@example.net"));
        await _rig.RestAsync();
        string kept = Assert.Single(_rig.Files);
        QueueId orphan = _rig.QueueIds.Next();
        using QueueBook book = new(_rig.Folder, SyncMode.None);
        Directory.CreateDirectory(Path.GetDirectoryName(book.FileOf(orphan))!);
        await File.WriteAllTextAsync(book.FileOf(orphan), "half a mess", TestContext.Current.CancellationToken);
        QueueId later = _rig.QueueIds.Next();
        Assert.Equal(1, await _rig.Queue.SweepAsync(later, TestContext.Current.CancellationToken));
        Assert.Equal(kept, Assert.Single(_rig.Files));
    }

    [Theory]
    [InlineData("EXAMPLE.net", null, null, "joe ann")]
    [InlineData(null, "Ann@example.NET", null, "ann")]
    [InlineData(null, null, "<ALICE@example.test>", "joe ann")]
    [InlineData(null, null, "example.test", "joe ann tom")]
    [InlineData(null, null, "<>", "eve")]
    [InlineData("example.org", null, "bob@example.test", "tom")]
    [InlineData("example.org", null, "alice@example.test", "")]
    [InlineData(null, null, null, "joe ann tom eve")]
    public async Task Messages_are_found_by_domain_recipient_and_sender(string? domain, string? recipient, string? sender, string found)
    {
        await _rig.Queue.OpenAsync();
        await _rig.SendAsync(QueueRig.Envelope("alice@example.test", "joe@example.net"));
        await _rig.SendAsync(QueueRig.Envelope("alice@example.test", "ann@example.net"));
        await _rig.SendAsync(QueueRig.Envelope("bob@example.test", "tom@example.org"));
        await _rig.SendAsync(QueueRig.Envelope("", "eve@example.org"));
        using QueueBook book = new(_rig.Folder, SyncMode.None);
        Assert.Equal(found, string.Join(' ', book.Select(new(domain, recipient, sender)).Select(id => Assert.Single(book.Find(id)!.Value.Recipients).Path.Address.LocalPart)));
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Mail_that_its_sender_wants_to_be_sent_later_is_flushed_only_when_asked_for(bool future)
    {
        await _rig.StartAsync();
        await _rig.SendAsync(QueueRig.Fill(new(QueueRig.PathOf("alice@example.test")) { HoldUntil = _rig.Time.GetUtcNow() + TimeSpan.FromHours(2) }, "joe@example.net"));
        using (QueueBook book = new(_rig.Folder, SyncMode.None))
            Assert.Single(book.Flush(book.Select(new()), future, _rig.Time.GetUtcNow()));
        await _rig.PassAsync(TimeSpan.FromSeconds(5), TimeSpan.FromSeconds(1));
        Assert.Equal(future ? 1 : 0, _rig.Client.Sent.Count);
    }

    [Fact]
    public async Task A_queue_of_the_first_version_is_taken_over()
    {
        await _rig.Queue.OpenAsync();
        await _rig.SendAsync(QueueRig.Envelope("alice@example.test", "joe@Example.net"));
        QueueFaults.Change(_rig, """
            UPDATE recipients SET address = 'odd@joe@Example.net', warned = 0;
            DROP INDEX recipients_domain;
            ALTER TABLE recipients DROP COLUMN domain;
            ALTER TABLE recipients DROP COLUMN outcome;
            ALTER TABLE recipients DROP COLUMN warned;
            ALTER TABLE messages ADD COLUMN warned INTEGER NOT NULL DEFAULT 0;
            UPDATE messages SET warned = 1;
            PRAGMA user_version = 1
            """);
        using QueueBook book = new(_rig.Folder, SyncMode.None);
        QueuedRecipient recipient = Assert.Single(book.Find(Assert.Single(book.Select(new(Domain: "example.net"))))!.Value.Recipients);
        Assert.True(recipient.IsWarned);
        Assert.Equal("odd@joe", recipient.Path.Address.LocalPart);
    }
}
