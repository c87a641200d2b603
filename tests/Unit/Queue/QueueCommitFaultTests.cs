using FullStack.Smtp;
using FullStack.Store.Posix;
using FullStack.Unit.Store;

namespace FullStack.Unit.Queue;

/// <summary>Fails each kind of statement of the queue's transactions, and their end; and each call on files that an attempt with a notice makes.</summary>
public sealed class QueueCommitFaultTests
{
    private static readonly TimeSpan s_whileTroubled = TimeSpan.FromMinutes(20);

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData("INSERT", "messages")]
    [InlineData("INSERT", "recipients")]
    [InlineData("INSERT", "lanes")]
    [InlineData(QueueFaults.AtCommit, "recipients")]
    public async Task A_message_that_cannot_be_written_down_is_refused_without_a_trace(string statement, string table)
    {
        await using QueueRig rig = new();
        await rig.Queue.OpenAsync();
        QueueFaults.Change(rig, QueueFaults.Of(statement, table));
        Assert.All(await rig.SendAsync(QueueRig.Envelope("alice@example.test", "joe@example.net")), static status => Assert.True(status.IsTemporary));
        Assert.Empty(rig.Files);
        Assert.Equal(0, QueueFaults.CountRows(rig));

        QueueFaults.Change(rig, "DROP TRIGGER fault");
        await rig.StartAsync();
        Assert.All(await rig.SendAsync(QueueRig.Envelope("alice@example.test", "joe@example.net")), static status => Assert.True(status.IsSuccess));
        await rig.RestAsync();
        Assert.Single(rig.Client.Sent);
        Assert.Empty(rig.Files);
    }

    [Fact]
    public async Task A_message_that_cannot_be_written_down_takes_no_other_with_it()
    {
        await using QueueRig rig = new();
        await rig.Queue.OpenAsync();
        QueueFaults.Change(rig, QueueFaults.Of("INSERT", "recipients", "new.address LIKE '%bad%'"));
        string[] users = [.. Enumerable.Range(0, 40).Select(static n => n % 4 == 0 ? $"bad{n}" : $"good{n}")];
        IReadOnlyList<DeliveryStatus>[] answers = await Task.WhenAll(users.Select(user => rig.SendAsync(QueueRig.Envelope("alice@example.test", $"{user}@example.net"))));
        Assert.Equal(users.Select(static user => user.StartsWith("good", StringComparison.Ordinal)), answers.Select(static answer => answer.Single().IsSuccess));
        Assert.Equal(30, rig.Files.Length);
        Assert.Equal(30, QueueFaults.CountRows(rig));
    }

    [Theory]
    [InlineData("INSERT", "messages")]
    [InlineData("INSERT", "recipients")]
    [InlineData("INSERT", "lanes")]
    [InlineData("DELETE", "recipients")]
    [InlineData("DELETE", "messages")]
    [InlineData("DELETE", "lanes")]
    [InlineData(QueueFaults.AtCommit, "recipients")]
    public async Task An_attempt_that_cannot_be_written_down_is_written_down_later_and_not_made_again(string statement, string table)
    {
        await using QueueRig rig = new();
        await SendAsync(rig);
        QueueFaults.Change(rig, QueueFaults.Of(statement, table));
        await rig.StartAsync();
        await rig.RestAsync();
        Assert.Single(rig.Client.Sent);
        Assert.Single(rig.Files);
        Assert.Equal(1, QueueFaults.CountRows(rig));
        Assert.Empty(await rig.InboxAsync());

        QueueFaults.Change(rig, "DROP TRIGGER fault");
        await rig.PassAsync(s_whileTroubled);
        Assert.Single(rig.Client.Sent);
        Assert.Contains("nobody@example.net", Assert.Single(await rig.InboxAsync()), StringComparison.Ordinal);
        Assert.Empty(rig.Files);
        Assert.Equal(0, QueueFaults.CountRows(rig));
    }

    [Fact]
    public async Task A_failing_call_during_an_attempt_costs_no_message_and_no_notice()
    {
        int calls = await AttemptAsync(fail: 0);
        Assert.True(calls >= 10, $"{calls} calls");
        for (int call = 1; call <= calls; call++)
            await AttemptAsync(call);
    }

    private static async Task<int> AttemptAsync(int fail)
    {
        FailingFiles files = new(new PosixFiles(FullStack.Store.SyncMode.None)) { Error = FileError.Failed, FailsAll = true };
        await using QueueRig rig = new(files: files);
        await SendAsync(rig);
        files.Arm(fail == 0 ? int.MaxValue : fail);
        await rig.StartAsync();
        await rig.RestAsync();
        int calls;
        string failed;
        lock (files.Calls)
        {
            calls = files.Calls.Count;
            failed = $"call {fail}: {files.Calls.ElementAtOrDefault(fail - 1)}";
        }

        files.Arm(int.MaxValue);
        await rig.PassAsync(s_whileTroubled);
        await rig.RestartAsync();
        await rig.RestAsync();
        await rig.Queue.SweepAsync(rig.QueueIds.Next(), Ct);
        int notices = (await rig.InboxAsync()).Count;
        Assert.True(notices == 1, $"{failed}: {notices} notices");
        Assert.True(rig.Client.Sent.Count is 1 or 2, $"{failed}: tried {rig.Client.Sent.Count} times");
        Assert.True(rig.Files.Length == 0 && QueueFaults.CountRows(rig) == 0, $"{failed}: {rig.Files.Length} files and {QueueFaults.CountRows(rig)} rows are left");
        return calls;
    }

    /// <summary>A message to one who will get it and one who will not.</summary>
    private static async Task SendAsync(QueueRig rig)
    {
        rig.Client.Says = static (_, user) => user == "nobody" ? ScriptedClient.Unknown : ScriptedClient.Taken;
        await rig.Queue.OpenAsync();
        await rig.SendAsync(QueueRig.Envelope("alice@example.test", "nobody@example.net", "joe@example.net"));
    }
}
