using System.CommandLine;
using System.Text.Json.Nodes;
using FullStack.Server.Control;

namespace FullStack.Server.Cli;

/// <summary>fullstack tlsrpt: reports to other domains about TLS with their hosts.</summary>
internal static class TlsReportCommand
{
    public static Command Create(Terminal terminal, ConfigurationOptions options) => new("tlsrpt", "Look after reports to other domains about TLS with their hosts (TLSRPT).")
    {
        Show(terminal, options),
        Send(terminal, options),
    };

    private static Command Show(Terminal terminal, ConfigurationOptions options)
    {
        Argument<string?> domain = new("DOMAIN") { Arity = ArgumentArity.ZeroOrOne, Description = "Only this domain's." };
        Option<bool> json = Listing.JsonOption();
        Command command = new("show", "List what waits to be reported: day, domain, policy, sessions that went well, that did not, and how they failed.") { domain, json };
        command.SetAction(async (line, ct) =>
        {
            Listing listing = new("day", "domain", "policy", "successes", "failures", "results");
            foreach (JsonNode? row in await AskAsync(TlsReportControl.Show, line, line.GetValue(domain), terminal, options, ct))
            {
                listing.Add(Text(row, "day"), Text(row, "domain"), Text(row, "policy"), row!["successes"]!.GetValue<long>(), row["failures"]!.GetValue<long>(),
                    row["results"]!.AsArray().Select(static result => result!.GetValue<string>()).ToArray());
            }

            listing.Print(terminal.Output, line.GetValue(json));
            return ExitCode.Ok;
        });
        return command;
    }

    private static Command Send(Terminal terminal, ConfigurationOptions options)
    {
        Argument<string?> domain = new("DOMAIN") { Arity = ArgumentArity.ZeroOrOne, Description = "Only to this domain." };
        Option<bool> json = Listing.JsonOption();
        Command command = new("send", "Report the days that are over now, and say what became of each report.") { domain, json };
        command.SetAction(async (line, ct) =>
        {
            Listing listing = new("day", "domain", "state", "outcome");
            foreach (JsonNode? row in await AskAsync(TlsReportControl.Send, line, line.GetValue(domain), terminal, options, ct))
                listing.Add(Text(row, "day"), Text(row, "domain"), Text(row, "state"), Text(row, "outcome"));
            listing.Print(terminal.Output, line.GetValue(json));
            return ExitCode.Ok;
        });
        return command;
    }

    private static async Task<JsonArray> AskAsync(string name, ParseResult line, string? domain, Terminal terminal, ConfigurationOptions options, CancellationToken ct)
    {
        JsonObject request = new() { ["command"] = name };
        if (domain is not null)
            request[TlsReportControl.Domain] = domain;
        return (await ControlClient.AskAsync(options.Load(line, terminal).Configuration!.Data, request, ct)).AsArray();
    }

    private static string Text(JsonNode? row, string name) => row![name]!.GetValue<string>();
}
