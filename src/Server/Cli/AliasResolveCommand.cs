using System.CommandLine;
using FullStack.Auth.Backends;
using FullStack.Queue.Routing;
using FullStack.Smtp;
using FullStack.Store;
using Microsoft.Extensions.Logging.Abstractions;

namespace FullStack.Server.Cli;

/// <summary>fullstack alias resolve: where mail for an address goes.</summary>
internal static class AliasResolveCommand
{
    public static Command Create(Terminal terminal, ConfigurationOptions options)
    {
        Argument<string> argument = new("ADDRESS") { Description = "An address; without a domain, of the first domain here." };
        Command command = new("resolve", "Show where mail for an address goes: through aliases, lists and users' own files, to mailboxes, hosts, programs and files.") { argument };
        command.SetAction(async (line, ct) =>
        {
            ServerConfiguration configuration = options.Load(line, terminal).Configuration!;
            using AccountDirectory directory = options.ReadDirectory(line, terminal);
            string text = line.GetRequiredValue(argument);
            string domain = configuration.Domains.FirstOrDefault() ?? directory.ListDomains().FirstOrDefault() ?? "";
            if (!MailboxAddress.TryParse(text.Contains('@', StringComparison.Ordinal) ? text : $"{text}@{domain}", out MailboxAddress? address))
                throw new CommandFailedException(ExitCode.Usage, $"{text} is no address");
            string root = configuration.MailFolder;
            await using AccountBackends accounts = options.OpenAccounts(line, terminal, directory);
            AddressExplanation explanation = new(accounts, configuration.Routing, account => StoreRoot.FolderOf(root, account), NullLogger.Instance);
            if (await explanation.ExplainAsync(address, ct) is not var (way, route))
            {
                terminal.Output.WriteLine($"{address}, elsewhere");
                return ExitCode.Ok;
            }

            Print(terminal, way, "", "");
            return route.IsEmpty ? ExitCode.NotFound : ExitCode.Ok;
        });
        return command;
    }

    private static void Print(Terminal terminal, ExpansionNode node, string first, string rest)
    {
        terminal.Output.WriteLine(first + node.Text);
        for (int at = 0; at < node.Children.Count; at++)
        {
            bool isLast = at == node.Children.Count - 1;
            Print(terminal, node.Children[at], rest + (isLast ? "`- " : "|- "), rest + (isLast ? "   " : "|  "));
        }
    }
}
