using FullStack.Smtp;
using FullStack.Store;
using FullStack.Store.Posix;
using FullStack.Unit.Store;

namespace FullStack.Unit.Queue;

/// <summary>Fails each call on files that taking a message on makes, once: it is refused as a whole, or it is all there.</summary>
public sealed class QueueFaultTests
{
    [Theory]
    [InlineData("short")]
    [InlineData("long")]
    public async Task A_failing_call_refuses_the_message_and_leaves_no_row(string kind)
    {
        string text = "Subject: x\r\n\r\n" + (kind == "long" ? string.Concat(Enumerable.Repeat("A line of a long message.\r\n", 60_000)) : "short\r\n");
        int calls = await RunAsync(text, fail: 0);
        Assert.True(calls >= 4, $"{calls} calls");
        for (int call = 1; call <= calls; call++)
            await RunAsync(text, call);
    }

    private static async Task<int> RunAsync(string text, int fail)
    {
        FailingFiles files = new(new PosixFiles(SyncMode.None)) { Error = FileError.NoSpace };
        await using QueueRig rig = new(files: files);
        await rig.Queue.OpenAsync();
        files.Arm(fail == 0 ? int.MaxValue : fail);
        bool taken;
        try
        {
            taken = (await rig.SendAsync(QueueRig.Envelope("alice@example.test", "joe@example.net"), text)).All(static status => status.IsSuccess);
        }
        catch (IOException)
        {
            taken = false;
        }

        int calls;
        lock (files.Calls)
            calls = files.Calls.Count;
        files.Arm(int.MaxValue);
        Assert.True(fail != 0 || taken);
        await rig.RestartAsync();
        await rig.RestAsync();
        Assert.Equal(taken ? 1 : 0, rig.Client.Sent.Count);
        Assert.All(rig.Client.Sent, sent => Assert.Equal(text, sent.Text));
        if (!taken)
        {
            await rig.Queue.SweepAsync(rig.QueueIds.Next(), TestContext.Current.CancellationToken);
            Assert.Equal(1, (await rig.SendAsync(QueueRig.Envelope("alice@example.test", "joe@example.net"), text)).Count(static status => status.IsSuccess));
            await rig.RestAsync();
            Assert.Single(rig.Client.Sent);
        }

        Assert.Empty(rig.Files);
        return calls;
    }
}
