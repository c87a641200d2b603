using System.CommandLine;
using FullStack.Store.Backup;

namespace FullStack.Server.Cli;

/// <summary>fullstack backup: a copy of the data folder from which a server can start.</summary>
internal static class BackupCommand
{
    public static Command Create(Terminal terminal, ConfigurationOptions options)
    {
        Argument<string> target = PathArgument.Of("DIR", "The folder to make. On the file system of the data folder messages are hard links and cost no room.");
        Option<bool> json = Listing.JsonOption();
        Command command = new("backup", "Make a copy of the data folder: mail, indexes, queue, directory, keys. The server may run.") { target, json };
        command.SetAction((line, ct) => Task.Run(() => Run(line, line.GetRequiredValue(target), line.GetValue(json), ct), CancellationToken.None));
        return command;

        int Run(ParseResult line, string folder, bool asJson, CancellationToken ct)
        {
            ServerConfiguration configuration = options.Load(line, terminal).Configuration!;
            if (!Directory.Exists(configuration.Data))
                throw new CommandFailedException(ExitCode.NoInput, $"there is no data folder {configuration.Data}");
            BackupReport report = FileProgress.Run(
                terminal, progress => DataBackup.Run(configuration.Data, folder, terminal.Time.GetUtcNow(), DataBackup.WriteBehind, progress, ct));
            if (asJson)
            {
                Listing listing = new("target", "linked", "copied", "octets", "left");
                listing.Add(Path.GetFullPath(folder), report.Linked, report.Copied, report.CopiedOctets, report.Left);
                listing.Print(terminal.Output, json: true);
                return ExitCode.Ok;
            }

            terminal.Output.WriteLine($"{Path.GetFullPath(folder)}: {report.Linked} files linked, {report.Copied} copied ({QuotaText.Rounded(report.CopiedOctets)})");
            foreach (string left in report.Left)
                terminal.Output.WriteLine($"  left: {left}");
            return ExitCode.Ok;
        }
    }
}
