using System.CommandLine;
using System.Globalization;
using FullStack.Auth.Backends;
using FullStack.Server.Configuration;
using FullStack.Server.Doctor;

namespace FullStack.Server.Cli;

/// <summary>fullstack doctor: looks for what is wrong with a server and the host it is on, and says what to do.</summary>
internal static class DoctorCommand
{
    public static Command Create(Terminal terminal, ConfigurationOptions options)
    {
        Option<bool> json = Listing.JsonOption();
        Command command = new("doctor", "Look for what is wrong: ports, certificates, DNS, clock, disk, permissions, relaying, queue, databases. Exit code 0: all is well, 1: warnings, 2: errors.") { json };
        command.SetAction(async (line, ct) =>
        {
            ConfigurationFile file = options.Load(line, terminal);
            using Checkup checkup = new(file.File, file.Configuration!, DomainsOf(file.Configuration!), terminal.Time);
            IReadOnlyList<Finding> findings = await Examination.RunAsync(checkup.Checks, terminal.Time, ct);
            Print(terminal, findings, line.GetValue(json));
            return Examination.ExitCodeFor(findings);
        });
        return command;
    }

    private static void Print(Terminal terminal, IReadOnlyList<Finding> findings, bool json)
    {
        if (json)
        {
            Listing listing = new("level", "name", "seen", "advice");
            foreach (Finding finding in findings)
                listing.Add(Word(finding.Kind.Level), finding.Kind.Name, finding.Seen, finding.Kind.Advice);
            listing.Print(terminal.Output, json);
            return;
        }

        foreach (Finding finding in findings)
        {
            terminal.Output.WriteLine($"{Word(finding.Kind.Level),-8} {finding.Kind.Name}: {finding.Seen}");
            if (finding.Kind.Advice.Length > 0)
                terminal.Output.WriteLine($"         -> {finding.Kind.Advice}");
        }

        terminal.Output.WriteLine(string.Create(CultureInfo.InvariantCulture,
            $"{Count(FindingLevel.Error)} errors, {Count(FindingLevel.Warning)} warnings, {Count(FindingLevel.Unknown)} not looked at, {Count(FindingLevel.Ok)} in order"));

        int Count(FindingLevel level) => findings.Count(finding => finding.Kind.Level == level);
    }

    private static string Word(FindingLevel level) => level.ToString().ToLowerInvariant();

    /// <summary>The configuration's domains, and those that were added to the directory.</summary>
    private static IReadOnlyList<string> DomainsOf(ServerConfiguration configuration)
    {
        using AccountDirectory directory = AccountDirectory.OpenToRead(configuration.DirectoryFile, configuration.Domains);
        return [.. configuration.Domains.Union(directory.ListDomains())];
    }
}
