using System.CommandLine;
using System.Text.Json.Nodes;
using FullStack.Server.Control;

namespace FullStack.Server.Cli;

/// <summary>fullstack auth: whose logins the running server holds back.</summary>
internal static class AuthCommand
{
    public static Command Create(Terminal terminal, ConfigurationOptions options) => new("auth", "Look after logins of the running server.")
    {
        new Command("blocks", "Networks and accounts whose logins failed lately, and therefore wait.") { List(terminal, options), Lift(terminal, options) },
    };

    private static Command List(Terminal terminal, ConfigurationOptions options)
    {
        Option<bool> json = Listing.JsonOption();
        Command command = new("list", "List them: kind, network or account, failures, and how long the next login waits.") { json };
        command.SetAction(async (line, ct) =>
        {
            JsonNode answer = await ControlClient.AskAsync(FolderOf(line, terminal, options), new() { ["command"] = LoginControl.List }, ct);
            Listing listing = new("kind", "subject", "failures", "wait");
            foreach (JsonNode? row in answer.AsArray())
                listing.Add(Text(row, "kind"), Text(row, "subject"), row!["failures"]!.GetValue<int>(), Text(row, "wait"));
            listing.Print(terminal.Output, line.GetValue(json));
            return ExitCode.Ok;
        });
        return command;
    }

    private static Command Lift(Terminal terminal, ConfigurationOptions options)
    {
        Argument<string> subject = new("ADDRESS|ACCOUNT") { Description = "A client's address, or its network as listed; or an account." };
        Command command = new("lift", "Forget the failures of a network or an account.") { subject };
        command.SetAction(async (line, ct) =>
        {
            string named = line.GetRequiredValue(subject);
            JsonObject request = new() { ["command"] = LoginControl.Lift, [LoginControl.Subject] = named };
            if (!(await ControlClient.AskAsync(FolderOf(line, terminal, options), request, ct)).GetValue<bool>())
                throw new CommandFailedException(ExitCode.NotFound, $"{named}: no login of it failed lately");
            terminal.Output.WriteLine($"lifted {named}");
            return ExitCode.Ok;
        });
        return command;
    }

    private static string FolderOf(ParseResult line, Terminal terminal, ConfigurationOptions options) => options.Load(line, terminal).Configuration!.Data;

    private static string Text(JsonNode? row, string name) => row![name]!.GetValue<string>();
}
