using System.CommandLine;
using FullStack.Auth.Backends;
using FullStack.Server.Configuration;
using FullStack.Server.Tls;

namespace FullStack.Server.Cli;

/// <summary>fullstack check: says what is wrong with a configuration, or what every key means.</summary>
internal static class CheckCommand
{
    public static Command Create(Terminal terminal, ConfigurationOptions options)
    {
        Option<bool> describe = new("--describe") { Description = "Print the annotated example: every key with its meaning and its default." };
        Command command = new("check", "Check a configuration and the certificates it names.") { describe };
        command.SetAction(async (line, ct) =>
        {
            if (line.GetValue(describe))
            {
                terminal.Output.Write(ConfigurationExample.Render());
                return ExitCode.Ok;
            }

            ConfigurationFile file = options.Load(line, terminal);
            ServerConfiguration configuration = file.Configuration!;
            CheckCertificates(file);
            terminal.Output.WriteLine($"{file.File}: good. {configuration.HostName} keeps its data in {configuration.Data} and listens at:");
            Listing listing = new("protocol", "address", "tls");
            foreach (ListenerConfiguration listener in configuration.Listeners)
                listing.Add("  " + listener.Protocol.ToString().ToLowerInvariant(), listener.Address.ToString(), listener.Tls == ListenerTls.Implicit ? "implicit TLS" : "");
            listing.Print(terminal.Output, json: false);
            if (File.Exists(configuration.DirectoryFile))
            {
                using AccountDirectory directory = options.ReadDirectory(line, terminal);
                await using AccountBackends accounts = options.OpenAccounts(line, terminal, directory);
                foreach (string finding in await MasqueradeFindings.FindAsync(configuration, accounts, ct))
                    terminal.Output.WriteLine($"note: {finding}");
            }

            return ExitCode.Ok;
        });
        return command;
    }

    private static void CheckCertificates(ConfigurationFile file)
    {
        TlsConfiguration tls = file.Configuration!.Tls;
        IReadOnlyList<CertificateFiles> files = tls.Default is null ? tls.Further : [tls.Default, .. tls.Further];
        try
        {
            CertificateSet.Load(files);
        }
        catch (CertificateException e)
        {
            throw file.Located(e);
        }
    }
}
