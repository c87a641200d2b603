using System.CommandLine;
using System.Globalization;
using FullStack.Queue.Spool;
using FullStack.Smtp;

namespace FullStack.Server.Cli;

/// <summary>fullstack queue: mail that waits.</summary>
internal static class QueueCommand
{
    public static Command Create(Terminal terminal, ConfigurationOptions options) => new("queue", "Look at mail that waits, and decide about it. A running server sees changes within seconds.")
    {
        List(terminal, options),
        Show(terminal, options),
        Each(terminal, options, new("hold", "Keep messages back until they are released.", "held"),
            static (book, ids, _, _) => book.Hold(ids, TimeProvider.System.GetUtcNow())),
        Each(terminal, options, new("release", "Let held messages go on, at once.", "released"),
            static (book, ids, configuration, _) => book.Release(ids, new(configuration.Queue, new(configuration.Routing.Routes)), TimeProvider.System.GetUtcNow())),
        Flush(terminal, options),
        Each(terminal, options, new("remove", "Take messages out of the queue. Nobody is told.", "removed"), static (book, ids, _, _) => book.Remove(ids)),
    };

    private static Command List(Terminal terminal, ConfigurationOptions options)
    {
        MessageChoice choice = new(needsOne: false);
        Option<bool> json = Listing.JsonOption();
        Command command = new("list", "List messages: id, arrival, size, state, sender, recipients, and what the last attempt came to.") { json };
        choice.AddTo(command);
        command.SetAction(line =>
        {
            using QueueBook book = QueueBook.OpenToRead(options.Load(line, terminal).Configuration!.QueueFolder);
            Listing.Print(
                ["id", "arrived", "octets", "state", "sender", "recipients", "reason"], (choice.IsOfAll(line) ? book.List() : book.List(choice.Find(line, book))).Select(static one => RowOf(one.Message, one.Recipients)),
                terminal.Output, line.GetValue(json));
            return ExitCode.Ok;
        });
        return command;
    }

    private static Command Show(Terminal terminal, ConfigurationOptions options)
    {
        Argument<string> argument = new("ID") { Description = "A message's queue id." };
        Option<bool> json = Listing.JsonOption();
        Command command = new("show", "Show the recipients of a message: where they wait, since how many attempts, until when, and why.") { argument, json };
        command.SetAction(line =>
        {
            using QueueBook book = QueueBook.OpenToRead(options.Load(line, terminal).Configuration!.QueueFolder);
            QueueId id = IdOf(line.GetRequiredValue(argument));
            (QueuedMessage message, IReadOnlyList<QueuedRecipient> recipients) = book.Find(id) ?? throw NotThere(id);
            Listing listing = new("recipient", "destination", "attempts", "next", "last", "host", "reason");
            foreach (QueuedRecipient recipient in recipients)
            {
                listing.Add(recipient.Path.Address.ToString(), recipient.Destination, recipient.Attempts, recipient.IsDone ? "done" : recipient.Due is not { } due ? "held" : recipient.IsToBeFetched ? "when fetched" : Time(due),
                    recipient.LastTried is { } tried ? Time(tried) : "", recipient.LastHost ?? "", Reason(recipient));
            }

            if (!line.GetValue(json))
            {
                string origin = message.Origin.ConnectionId.Length == 0 ? "this host" : $"{message.Origin.Account ?? "nobody logged in"} at {message.Origin.Address}, connection {message.Origin.ConnectionId}";
                terminal.Output.WriteLine($"{message.Id} {StateOf(message, recipients)}: {message.Octets.ToString(CultureInfo.InvariantCulture)} octets from {message.Envelope.Sender}");
                terminal.Output.WriteLine($"arrived {Time(message.Arrived)} from {origin}");
                terminal.Output.WriteLine($"file {book.FileOf(id)}");
            }

            listing.Print(terminal.Output, line.GetValue(json));
            return ExitCode.Ok;
        });
        return command;
    }

    private static Command Flush(Terminal terminal, ConfigurationOptions options)
    {
        Option<bool> future = new("--future") { Description = "Also messages that their senders want to be sent later." };
        Command command = Each(terminal, options, new("flush", "Have messages that failed for now tried at once.", "tried now") { NeedsChoice = false },
            (book, ids, _, line) => book.Flush(ids, line.GetValue(future), TimeProvider.System.GetUtcNow()));
        command.Add(future);
        return command;
    }

    /// <summary>A command that does the same with each message.</summary>
    private sealed record Verb(string Name, string Description, string Done)
    {
        /// <summary>Which messages are meant has to be said.</summary>
        public bool NeedsChoice { get; init; } = true;
    }

    private static Command Each(
        Terminal terminal, ConfigurationOptions options, Verb verb, Func<QueueBook, IReadOnlyList<QueueId>, ServerConfiguration, ParseResult, IReadOnlyList<QueueId>> change)
    {
        MessageChoice choice = new(verb.NeedsChoice);
        Option<bool> json = Listing.JsonOption();
        Command command = new(verb.Name, verb.Description) { json };
        choice.AddTo(command);
        command.SetAction(line =>
        {
            using QueueBook book = Open(line, terminal, options, out ServerConfiguration configuration);
            IReadOnlyList<QueueId> changed = change(book, choice.Find(line, book), configuration, line);
            if (!line.GetValue(json))
            {
                terminal.Output.WriteLine($"{Count(changed.Count)} {verb.Done}");
                return ExitCode.Ok;
            }

            Listing.Print(["id", "state"], changed.Select(id => new object?[] { id.ToString(), verb.Done }), terminal.Output, json: true);
            return ExitCode.Ok;
        });
        return command;
    }

    private static QueueBook Open(ParseResult line, Terminal terminal, ConfigurationOptions options, out ServerConfiguration configuration)
    {
        configuration = options.Load(line, terminal).Configuration!;
        return new(configuration.QueueFolder, configuration.Store.Sync);
    }

    internal static QueueId IdOf(string text)
        => QueueId.TryParse(text.ToUpperInvariant(), out QueueId id) ? id : throw new CommandFailedException(ExitCode.Usage, $"{text} is no queue id");

    internal static CommandFailedException NotThere(QueueId id) => new(ExitCode.NotFound, $"{id}: there is no such message in the queue");

    private static object?[] RowOf(QueuedMessage message, IReadOnlyList<QueuedRecipient> recipients) =>
    [
        message.Id.ToString(), Time(message.Arrived), message.Octets, StateOf(message, recipients), message.Envelope.Sender.ToString(),
        recipients.Select(static recipient => recipient.Path.Address.ToString()).ToArray(), Reason(recipients.FirstOrDefault(static recipient => recipient.Last is not null)),
    ];

    private static string StateOf(QueuedMessage message, IReadOnlyList<QueuedRecipient> recipients)
        => message.IsHeld ? "held" : recipients.Any(static recipient => recipient.Attempts > 0 && !recipient.IsDone) ? "deferred" : "waiting";

    private static string Reason(QueuedRecipient? recipient) => recipient?.Last is { } last ? $"{last.Code} {last.Status} {last.Text}" : "";

    private static string Time(DateTimeOffset time) => time.ToUniversalTime().ToString("yyyy-MM-dd'T'HH:mm:ss'Z'", CultureInfo.InvariantCulture);

    private static string Count(int messages) => messages == 1 ? "1 message" : string.Create(CultureInfo.InvariantCulture, $"{messages} messages");
}
