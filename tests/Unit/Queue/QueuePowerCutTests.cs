using System.Collections.Concurrent;
using FullStack.Store;
using FullStack.Store.Posix;
using FullStack.Unit.Store;
using FullStack.Unit.Store.Faults;

namespace FullStack.Unit.Queue;

/// <summary>
/// Cuts the power at every effect that a message has on the disk from its first octet until its last row is gone: on files and folders, and on the queue's database,
/// whose log is whole, cut in the middle of a transaction, or as it was last synced. A server starts on what is left, and everything ends well.
/// </summary>
public sealed class QueuePowerCutTests
{
    private const int Seed = 20260822;

    /// <summary>Disks of one kind that are tried at most, chosen at random where there are more.</summary>
    private const int MostDisks = 250;

    /// <summary>A message with what it should come to.</summary>
    private sealed record Kind(string[] Recipients, int Remote, int Bob, int Notices);

    private static readonly Dictionary<string, Kind> s_kinds = new()
    {
        ["for another host"] = new(["joe@example.net"], Remote: 1, Bob: 0, Notices: 0),
        ["for here and another host"] = new(["bob@example.test", "joe@example.net"], Remote: 1, Bob: 1, Notices: 0),
        ["refused"] = new(["nobody@example.net"], Remote: 1, Bob: 0, Notices: 1),
        ["refused by one of two hosts"] = new(["nobody@example.net", "joe@example.org"], Remote: 2, Bob: 0, Notices: 1),
    };

    public static TheoryData<string> Names => [.. s_kinds.Keys];

    [Theory]
    [MemberData(nameof(Names))]
    public async Task A_power_cut_loses_nothing_that_was_answered_for_and_doubles_nothing_here(string name)
    {
        Kind kind = s_kinds[name];
        Journal journal = new();
        string root = World.NewRoot();
        ConcurrentQueue<int> handed = new();
        await using QueueRig rig = new(files: new JournalFiles(new PosixFiles(SyncMode.None), root, journal), root: root);
        Script(rig);
        rig.Client.During = _ =>
        {
            handed.Enqueue(journal.Count);
            return Task.CompletedTask;
        };
        rig.Queue.Written = new DatabaseFollower(journal, root, rig.Folder).Note;
        await rig.StartAsync();
        int begun = journal.Count;
        Assert.All(await rig.SendAsync(QueueRig.Envelope("alice@example.test", kind.Recipients)), static status => Assert.True(status.IsSuccess));
        int acknowledged = journal.Count;
        await rig.RestAsync();
        int end = journal.Count;
        Assert.Equal(kind.Remote, handed.Count);

        IReadOnlyList<QueueCut> cuts = QueueCut.Of(journal, begun, end, Seed);
        QueueCut[] chosen = cuts.Count <= MostDisks ? [.. cuts] : [.. new Random(Seed).GetItems(cuts.ToArray(), MostDisks), .. cuts.Where(cut => cut.At == end).Take(1)];
        TestContext.Current.TestOutputHelper?.WriteLine($"{end - begun} effects, {cuts.Count} disks, seed {Seed}");
        await Parallel.ForEachAsync(chosen, new ParallelOptions { MaxDegreeOfParallelism = 4, CancellationToken = TestContext.Current.CancellationToken }, async (cut, _) =>
            await CheckAsync(kind, cut, cut.At >= acknowledged, handed.Count(at => at <= cut.At), isOver: cut.At == end));
    }

    /// <summary>Starts a server on what a cut left, and lets it do all that is due in the next hours.</summary>
    private static async Task CheckAsync(Kind kind, QueueCut cut, bool isAnswered, int handedBefore, bool isOver)
    {
        string root = World.NewRoot();
        cut.Image.WriteTo(root, cut.Database);
        await using QueueRig rig = new(root: root);
        Script(rig);
        rig.Time.Advance(TimeSpan.FromHours(1)); // A start takes a while, so that new ids are above those of before.
        await rig.StartAsync();
        await rig.Queue.SweepAsync(rig.QueueIds.Next(), TestContext.Current.CancellationToken);
        await rig.RestAsync();
        await rig.PassAsync(TimeSpan.FromMinutes(20), TimeSpan.FromMinutes(4));
        (int remote, int bob, int notices) = (rig.Client.Sent.Count, (await rig.InboxAsync("bob")).Count, (await rig.InboxAsync()).Count);
        bool isTaken = isAnswered || remote + bob + notices > 0 || handedBefore > 0;
        bool isGood = rig.Files.Length == 0 && QueueFaults.CountRows(rig) == 0
            && (isTaken ? bob == kind.Bob && notices == kind.Notices : bob == 0 && notices == 0)
            && (!isTaken || remote + handedBefore >= kind.Remote) && remote <= (isOver ? 0 : kind.Remote);
        Assert.True(isGood,
            $"{(isAnswered ? "answered" : "interrupted")}, database {cut.Database}, cut at {cut.At}: {handedBefore} handed on before, {remote} after, {bob} for bob, {notices} notices, "
            + $"{rig.Files.Length} files and {QueueFaults.CountRows(rig)} rows are left of\n{cut.Image}");
    }

    private static void Script(QueueRig rig) => rig.Client.Says = static (_, user) => user == "nobody" ? ScriptedClient.Unknown : ScriptedClient.Taken;
}
