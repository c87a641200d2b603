using System.CommandLine;
using FullStack.Queue.Spool;
using FullStack.Smtp;

namespace FullStack.Server.Cli;

/// <summary>How commands are told which messages of the queue are meant.</summary>
internal sealed class MessageChoice(bool needsOne)
{
    private const string All = "all";

    private readonly Argument<string?> _which = new("ID|DOMAIN|all")
    {
        Description = "A message's queue id, the domain of recipients, or all.", Arity = ArgumentArity.ZeroOrOne,
    };

    private readonly Option<string?> _domain = new("--domain") { Description = "Only messages with a recipient in this domain, or on the way to this host or domain." };
    private readonly Option<string?> _recipient = new("--recipient") { Description = "Only messages to this address." };
    private readonly Option<string?> _sender = new("--sender") { Description = "Only messages from this address, or from this domain; <> means notices." };

    public void AddTo(Command command)
    {
        command.Add(_which);
        command.Add(_domain);
        command.Add(_recipient);
        command.Add(_sender);
        command.Validators.Add(result =>
        {
            bool isFiltered = result.GetResult(_domain) is not null || result.GetResult(_recipient) is not null || result.GetResult(_sender) is not null;
            if (needsOne && !isFiltered && result.GetValue(_which) is null)
                result.AddError("which messages: a queue id, a domain, all, or --domain, --recipient or --sender");
        });
    }

    /// <summary>Whether every message is meant.</summary>
    public bool IsOfAll(ParseResult line)
        => line.GetValue(_which) is null or All && line.GetValue(_domain) is null && line.GetValue(_recipient) is null && line.GetValue(_sender) is null;

    /// <summary>The messages that are meant.</summary>
    /// <exception cref="CommandFailedException">There is no message of the id that is given.</exception>
    public IReadOnlyList<QueueId> Find(ParseResult line, QueueBook book)
    {
        QueueFilter filter = new(line.GetValue(_domain), line.GetValue(_recipient), line.GetValue(_sender));
        string? which = line.GetValue(_which);
        if (which is null or All)
            return book.Select(filter);
        if (which.Contains('.', StringComparison.Ordinal) || !QueueId.TryParse(which.ToUpperInvariant(), out QueueId id))
            return [.. book.Select(new(Domain: which)).Intersect(book.Select(filter))];
        return book.Find(id) is null ? throw QueueCommand.NotThere(id) : [id];
    }
}
