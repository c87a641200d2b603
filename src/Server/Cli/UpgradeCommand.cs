using System.CommandLine;
using FullStack.Auth.Backends;
using FullStack.Queue.Spool;
using FullStack.Server.Hosting;
using FullStack.Server.Upgrades;
using FullStack.Store;
using FullStack.Store.Upgrades;

namespace FullStack.Server.Cli;

/// <summary>fullstack upgrade: brings all databases to the form that this program writes, or says what that would come to.</summary>
internal static class UpgradeCommand
{
    public static Command Create(Terminal terminal, ConfigurationOptions options)
    {
        Option<bool> rehearse = new("--rehearse") { Description = "Upgrade copies, one after the other, and change nothing. The server, also one of an earlier version, may run." };
        Option<bool> json = Listing.JsonOption();
        Command command = new("upgrade", "Bring the directory, the queue and the indexes of all accounts to this program's form now, instead of each when it is first used.") { rehearse, json };
        command.SetAction((line, ct) => Task.Run(() => Run(options.Load(line, terminal).Configuration!, line.GetValue(rehearse), line.GetValue(json), ct), ct));
        return command;

        int Run(ServerConfiguration configuration, bool isRehearsal, bool asJson, CancellationToken ct)
        {
            if (!Directory.Exists(configuration.Data))
                throw new CommandFailedException(ExitCode.NoInput, $"there is no data folder {configuration.Data}");
            IEnumerable<UpgradeOutcome> outcomes = isRehearsal ? Rehearse(configuration) : Upgrade(configuration);
            Listing listing = new("database", "before", "after", "problem");
            (int all, int changed, int failed) = (0, 0, 0);
            foreach (UpgradeOutcome outcome in outcomes)
            {
                ct.ThrowIfCancellationRequested();
                all++;
                changed += outcome.Problem is null && outcome.Before != outcome.After ? 1 : 0;
                failed += outcome.Problem is null ? 0 : 1;
                if (asJson || outcome.Problem is not null || outcome.Before != outcome.After)
                    listing.Add(outcome.Path, outcome.Before, outcome.After, outcome.Problem);
            }

            listing.Print(terminal.Output, asJson);
            if (!asJson)
                terminal.Output.WriteLine($"{all} databases: {changed} {(isRehearsal ? "would be upgraded" : "upgraded")}, {all - changed - failed} as they should be, {failed} {(isRehearsal ? "would fail" : "failed")}");
            if (!isRehearsal && failed == 0)
                DataFormat.Stamp(configuration.Data);
            return failed == 0 ? ExitCode.Ok : ExitCode.BadData;
        }
    }

    private static IEnumerable<UpgradeOutcome> Upgrade(ServerConfiguration configuration)
    {
        if (StoreRoot.ProcessOf(configuration.Store.Root) is { } process)
            throw new CommandFailedException(ExitCode.TryLater, $"a server runs (process {process}); stop it first, or give --rehearse");
        return DatabasesOf(configuration).Select(DatabaseUpgrade.Run);
    }

    private static IEnumerable<UpgradeOutcome> Rehearse(ServerConfiguration configuration)
    {
        string scratch = Path.Combine(configuration.Data, $"rehearsal-{Environment.ProcessId}");
        PrivateFolder.Make(scratch);
        try
        {
            foreach (UpgradableDatabase database in DatabasesOf(configuration))
                yield return DatabaseUpgrade.Rehearse(database, scratch);
        }
        finally
        {
            Directory.Delete(scratch, recursive: true);
        }
    }

    private static IEnumerable<UpgradableDatabase> DatabasesOf(ServerConfiguration configuration)
    {
        if (File.Exists(configuration.DirectoryFile))
            yield return new(configuration.DirectoryFile, static path => new AccountDirectory(path).Dispose());
        if (QueueDatabase.Find(configuration.QueueFolder) is { } queue)
            yield return queue;
        foreach (UpgradableDatabase index in AccountIndexes.Find(configuration.Store.Root))
            yield return index;
    }
}
