using FullStack.Store;
using FullStack.Store.Posix;
using FullStack.Store.Verify;

namespace FullStack.Unit.Store.Faults;

/// <summary>
/// Fails each call that an operation makes, once: the answer is an error or the whole success, nothing is left half done,
/// and the same operation works when it is asked for again.
/// </summary>
public sealed class EveryCallFailsTests
{
    public static MatrixTheoryData<string, StoreFormat> Names => new(Scenarios.All.Keys, Enum.GetValues<StoreFormat>());

    [Theory]
    [MemberData(nameof(Names))]
    public async Task Failing_call_fails_the_operation_and_nothing_else(string name, StoreFormat format)
    {
        Scenario scenario = Scenarios.All[name];
        string template = World.NewRoot();
        MailState before;
        await using (World world = new(new TempStore(root: template, format: format)))
        {
            await scenario.SetUp(world);
            before = await world.ReadAsync();
            await world.Temp.ReopenAsync();
            (MailState after, List<string> calls) = await TryAsync(scenario, format, template, before, after: null, fail: 0, FileError.Failed);
            Assert.NotEmpty(calls);
            List<(int Call, FileError Error)> faults = [];
            for (int call = 1; call <= calls.Count; call++)
            {
                faults.Add((call, FileError.Failed));
                if (calls[call - 1] is "create" or "write" or "sync" or "link" or "rename" or "make directory")
                    faults.Add((call, FileError.NoSpace));
                if (calls[call - 1] is "create" or "link" or "rename" or "make directory" or "unlink" or "list" or "open" or "stat")
                    faults.Add((call, FileError.Denied));
            }

            TestContext.Current.TestOutputHelper?.WriteLine($"{faults.Count} faults in {calls.Count} calls: {string.Join(", ", calls)}");
            await Parallel.ForEachAsync(faults, new ParallelOptions { MaxDegreeOfParallelism = 4, CancellationToken = TempStore.Ct }, async (fault, _) =>
                await TryAsync(scenario, format, template, before, after, fault.Call, fault.Error));
        }
    }

    /// <summary>Runs the operation on a copy of the template, with one call failing.</summary>
    private static async Task<(MailState After, List<string> Calls)> TryAsync(
        Scenario scenario, StoreFormat format, string template, MailState before, MailState? after, int fail, FileError error)
    {
        FailingFiles files = new(new PosixFiles(SyncMode.None)) { Error = error, FailsAll = true };
        await using World world = new(new TempStore(files, CopyOf(template), stageInMemory: 4096, format: format));
        if (before.Messages.Count > 0)
            await world.ReadAsync(); // All is open, so that the calls counted are those of the operation.
        Func<Task<StoreError>> operation = await scenario.Prepare(world);
        files.Arm(fail == 0 ? int.MaxValue : fail);
        StoreError answer = await operation();
        List<string> calls;
        lock (files.Calls) // What was left to do behind the operation may still go on.
            calls = [.. files.Calls];
        files.Arm(int.MaxValue);
        MailState found = await world.ReadAsync();
        if (after is null)
        {
            Assert.Equal(StoreError.None, answer);
            return (found, calls);
        }

        List<string> broken = [];
        Aftermath aftermath = new(before, after, before.Seen, scenario, format);
        aftermath.Compare(found, acknowledged: answer == StoreError.None, withKeywords: true, broken);
        if (answer != StoreError.None && scenario.IsWhole && calls[fail - 1] is not ("sync" or "sync directory"))
            aftermath.CompareRefused(found, broken);
        if (answer != StoreError.None && await operation() is var again and not StoreError.None)
            broken.Add($"the operation asked for again: {again}");
        aftermath.Compare(await world.ReadAsync(), acknowledged: true, withKeywords: true, broken);
        foreach (string user in World.Users.Where(world.Temp.HasMail))
            broken.AddRange(await MailboxVerifier.VerifyAsync(world.Temp.Store, TempStore.Name(user), World.Ct));
        Aftermath.CheckLeftovers(world.Temp.Root, broken);
        Assert.True(broken.Count == 0, $"call {fail} ({calls.ElementAtOrDefault(fail - 1)}) fails with {error}, answer {answer}:\n{string.Join('\n', broken)}\ncalls: {string.Join(", ", calls)}");
        return (found, calls);
    }

    private static string CopyOf(string template)
    {
        string copy = World.NewRoot();
        foreach (string directory in Directory.GetDirectories(template, "*", SearchOption.AllDirectories))
            Directory.CreateDirectory(copy + directory[template.Length..]);
        foreach (string file in Directory.GetFiles(template, "*", SearchOption.AllDirectories))
        {
            if (Path.GetFileName(file) == ".lock")
                continue;
            string target = copy + file[template.Length..];
            File.Copy(file, target);
            File.SetLastWriteTimeUtc(target, File.GetLastWriteTimeUtc(file));
        }

        return copy;
    }
}
