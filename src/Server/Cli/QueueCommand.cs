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
        Each(terminal, options, "hold", "Keep messages back until they are released.", "held", static (book, id, _) => book.Hold(id, TimeProvider.System.GetUtcNow())),
        Each(terminal, options, "release", "Let held messages go on, at once.", "released",
            static (book, id, configuration) => book.Release(id, configuration.Queue, TimeProvider.System.GetUtcNow())),
        Flush(terminal, options),
        Each(terminal, options, "remove", "Take messages out of the queue. Nobody is told.", "removed", static (book, id, _) => book.Remove(id)),
    };

    private static Command List(Terminal terminal, ConfigurationOptions options)
    {
        Argument<string?> domain = new("DOMAIN") { Description = "Only messages with a recipient there.", Arity = ArgumentArity.ZeroOrOne };
        Option<bool> json = Listing.JsonOption();
        Command command = new("list", "List messages: id, arrival, size, state, sender, recipients, and what the last attempt came to.") { domain, json };
        command.SetAction(line =>
        {
            using QueueBook book = Open(line, terminal, options, out _);
            HashSet<QueueId>? wanted = line.GetValue(domain) is { } only ? [.. book.OfDomain(only)] : null;
            Listing listing = new("id", "arrived", "octets", "state", "sender", "recipients", "reason");
            foreach ((QueuedMessage message, IReadOnlyList<QueuedRecipient> recipients) in book.List())
            {
                if (wanted is null || wanted.Contains(message.Id))
                {
                    listing.Add(message.Id.ToString(), Time(message.Arrived), message.Octets, StateOf(message, recipients), message.Envelope.Sender.ToString(),
                        recipients.Select(static recipient => recipient.Path.Address.ToString()).ToArray(), Reason(recipients.FirstOrDefault(static recipient => recipient.Last is not null)));
                }
            }

            listing.Print(terminal.Output, line.GetValue(json));
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
            using QueueBook book = Open(line, terminal, options, out _);
            QueueId id = IdOf(line.GetRequiredValue(argument));
            (QueuedMessage message, IReadOnlyList<QueuedRecipient> recipients) = book.Find(id) ?? throw NotThere(id);
            Listing listing = new("recipient", "destination", "attempts", "next", "last", "host", "reason");
            foreach (QueuedRecipient recipient in recipients)
            {
                listing.Add(recipient.Path.Address.ToString(), recipient.Destination, recipient.Attempts, recipient.Due is not { } due ? "held" : recipient.IsToBeFetched ? "when fetched" : Time(due),
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
        Argument<string?> which = new("ID|DOMAIN") { Description = "A message, or the messages for a domain; all where it is left out.", Arity = ArgumentArity.ZeroOrOne };
        Command command = new("flush", "Have messages tried at once.") { which };
        command.SetAction(line =>
        {
            using QueueBook book = Open(line, terminal, options, out _);
            DateTimeOffset now = TimeProvider.System.GetUtcNow();
            if (line.GetValue(which) is not { } named)
            {
                book.Flush(null, now);
                terminal.Output.WriteLine("all messages will be tried now");
                return ExitCode.Ok;
            }

            IReadOnlyList<QueueId> ids = Chosen(book, named);
            foreach (QueueId id in ids)
                book.Flush(id, now);
            terminal.Output.WriteLine($"{Count(ids.Count)} will be tried now");
            return ExitCode.Ok;
        });
        return command;
    }

    private static Command Each(
        Terminal terminal, ConfigurationOptions options, string name, string description, string done, Func<QueueBook, QueueId, ServerConfiguration, bool> change)
    {
        Argument<string> which = new("ID|DOMAIN|all") { Description = "A message's queue id, the domain of recipients, or all." };
        Command command = new(name, description) { which };
        command.SetAction(line =>
        {
            using QueueBook book = Open(line, terminal, options, out ServerConfiguration configuration);
            int changed = Chosen(book, line.GetRequiredValue(which)).Count(id => change(book, id, configuration));
            terminal.Output.WriteLine($"{Count(changed)} {done}");
            return ExitCode.Ok;
        });
        return command;
    }

    private static QueueBook Open(ParseResult line, Terminal terminal, ConfigurationOptions options, out ServerConfiguration configuration)
    {
        configuration = options.Load(line, terminal).Configuration!;
        return new(configuration.QueueFolder, configuration.Store.Sync);
    }

    /// <exception cref="CommandFailedException">There is no such message.</exception>
    private static IReadOnlyList<QueueId> Chosen(QueueBook book, string text)
    {
        if (text == "all")
            return [.. book.List().Select(static one => one.Message.Id)];
        if (text.Contains('.', StringComparison.Ordinal) || !QueueId.TryParse(text.ToUpperInvariant(), out QueueId id))
            return book.OfDomain(text);
        return book.Find(id) is null ? throw NotThere(id) : [id];
    }

    private static QueueId IdOf(string text)
        => QueueId.TryParse(text.ToUpperInvariant(), out QueueId id) ? id : throw new CommandFailedException(ExitCode.Usage, $"{text} is no queue id");

    private static CommandFailedException NotThere(QueueId id) => new(ExitCode.NotFound, $"{id}: there is no such message in the queue");

    private static string StateOf(QueuedMessage message, IReadOnlyList<QueuedRecipient> recipients)
        => message.IsHeld ? "held" : recipients.Any(static recipient => recipient.Attempts > 0) ? "deferred" : "waiting";

    private static string Reason(QueuedRecipient? recipient) => recipient?.Last is { } last ? $"{last.Code} {last.Status} {last.Text}" : "";

    private static string Time(DateTimeOffset time) => time.ToUniversalTime().ToString("yyyy-MM-dd'T'HH:mm:ss'Z'", CultureInfo.InvariantCulture);

    private static string Count(int messages) => messages == 1 ? "1 message" : string.Create(CultureInfo.InvariantCulture, $"{messages} messages");
}
