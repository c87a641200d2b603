using FullStack.Store;
using FullStack.Store.Accounts;
using FullStack.Store.Posix;
using FullStack.Store.Verify;

namespace FullStack.Unit.Store.Faults;

/// <summary>
/// Cuts the power at every effect of every operation, makes each disk that the cut may leave, and opens a store on it.
/// </summary>
public sealed class PowerCutTests
{
    private const int Seed = 20260711;

    public static MatrixTheoryData<string, StoreFormat> Names => new(Scenarios.All.Keys, Enum.GetValues<StoreFormat>());

    [Theory]
    [MemberData(nameof(Names))]
    public Task Power_cut_keeps_what_was_acknowledged(string name, StoreFormat format) => RunAsync(Scenarios.All[name], format);

    [Theory]
    [InlineData("delivery from memory")]
    [InlineData("first delivery to a new account")]
    [InlineData("expunge")]
    public Task Power_cut_that_takes_lock_files_keeps_what_was_acknowledged(string name) => RunAsync(Scenarios.All[name], StoreFormat.Mbox, losesLocks: true);

    [Theory]
    [InlineData("copy")]
    [InlineData("move")]
    [InlineData("rename of INBOX")]
    public Task Power_cut_between_file_systems_keeps_what_was_acknowledged(string name)
        => RunAsync(Scenarios.All[name], StoreFormat.Maildir, files: static files => files.EachMailboxIsAFileSystem = true);

    private static async Task RunAsync(Scenario scenario, StoreFormat format, bool losesLocks = false, Action<JournalFiles>? files = null)
    {
        Journal journal = new() { LosesLocks = losesLocks };
        string root = World.NewRoot();
        JournalFiles disk = new(new PosixFiles(SyncMode.None), root, journal);
        await using World world = new(new TempStore(disk, root, stageInMemory: 4096, format: format)) { Opened = account => Follow(account, journal, root) };
        await scenario.SetUp(world);
        MailState before = await world.ReadAsync();
        Func<Task<StoreError>> operation = await scenario.Prepare(world);
        files?.Invoke(disk);
        int begun = journal.Count;
        Assert.Equal(StoreError.None, await operation());
        int acknowledged = journal.Count;
        HashSet<SeenUid> seen = [.. before.Seen, .. world.SeenNow()];
        MailState after = await world.ReadAsync();

        HashSet<(string, IndexState)> done = [];
        List<(DiskImage Image, IndexState Index, bool Acknowledged)> states = [];
        for (int cut = acknowledged; cut >= begun; cut--)
        {
            foreach (DiskImage image in journal.Outcomes(cut, Seed + cut))
            {
                foreach (IndexState index in Enum.GetValues<IndexState>())
                {
                    if ((index != IndexState.Durable || image.IndexDiffers) && done.Add((image.Digest, index)))
                        states.Add((image, index, cut == acknowledged));
                }
            }
        }

        TestContext.Current.TestOutputHelper?.WriteLine($"{acknowledged - begun + 1} cuts, {states.Count} disks, seed {Seed}");
        await Parallel.ForEachAsync(states, new ParallelOptions { MaxDegreeOfParallelism = 4, CancellationToken = TempStore.Ct }, async (state, _) =>
            await new Aftermath(before, after, state.Acknowledged ? seen : before.Seen, scenario, format)
                .CheckAsync(state.Image, state.Index, state.Acknowledged));
    }

    /// <summary>Copies the account's database whenever it was written.</summary>
    private static void Follow(Account account, Journal journal, string root)
    {
        string below = Path.GetRelativePath(root, account.Directory);
        account.Index.Written = durable => journal.Add(new IndexEffect(
            Path.Combine(below, "index.db"), durable, Copy(Path.Combine(account.Directory, "index.db")), Copy(Path.Combine(account.Directory, "index.db-wal"))));
    }

    private static byte[] Copy(string path)
    {
        if (!File.Exists(path))
            return [];
        using FileStream file = new(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete);
        byte[] octets = new byte[file.Length];
        file.ReadExactly(octets);
        return octets;
    }
}
