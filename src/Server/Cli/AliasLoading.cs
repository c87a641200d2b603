using System.Globalization;
using FullStack.Queue.Aliases;
using FullStack.Queue.Programs;
using FullStack.Store;

namespace FullStack.Server.Cli;

/// <summary>newaliases, with a file of aliases: it has been checked with the configuration; a running server reads it again.</summary>
internal static class AliasLoading
{
    /// <summary>Says what the file has, and tells the server.</summary>
    /// <returns>The exit code.</returns>
    /// <exception cref="CommandFailedException">The server may not be told.</exception>
    public static int Run(ServerConfiguration configuration, Terminal terminal)
    {
        AliasTable table = configuration.Routing.Aliases.Table;
        AliasTarget[] targets = [.. table.Targets];
        terminal.Output.WriteLine(string.Create(
            CultureInfo.InvariantCulture,
            $"{table.File}: {table.Count} aliases, {targets.Length} targets: {Count<AddressTarget>(targets)} addresses, {Count<IncludeTarget>(targets)} lists, "
                + $"{Count<ProgramTarget>(targets)} programs, {Count<FileTarget>(targets)} files; longest {table.Entries.Select(static entry => entry.Targets.Count).DefaultIfEmpty(0).Max()} targets"));
        int? process = StoreRoot.ProcessOf(configuration.MailFolder);
        if (process is { } running && !SystemUsers.HangUp(running))
            throw new CommandFailedException(ExitCode.NotPermitted, $"the server, process {running.ToString(CultureInfo.InvariantCulture)}, may not be told to read it");
        terminal.Output.WriteLine(process is { } told
            ? $"the server, process {told.ToString(CultureInfo.InvariantCulture)}, reads it now"
            : "no server runs; it is read when one starts");
        return ExitCode.Ok;
    }

    private static int Count<T>(AliasTarget[] targets) => targets.Count(static target => target is T);
}
