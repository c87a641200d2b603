using FullStack.Smtp;
using FullStack.Store.Index;

namespace FullStack.Queue.Spool;

/// <summary>Which messages somebody means: those that fit all that is given; without anything, all messages.</summary>
/// <param name="Domain">They have a recipient in this domain, or on the way to a host or domain of this name.</param>
/// <param name="Recipient">They have this recipient.</param>
/// <param name="Sender">They are of this sender, or of one in this domain; <c>&lt;&gt;</c> is notices, which have none.</param>
public sealed record QueueFilter(string? Domain = null, string? Recipient = null, string? Sender = null)
{
    private const string NoSender = "<>";

    /// <summary>The messages there are, in the order in which they came.</summary>
    internal List<QueueId> Find(IndexConnection queue)
    {
        List<HashSet<long>> found = [];
        if (Domain is { } domain)
            found.Add(OfDomain(queue, domain.ToLowerInvariant()));
        if (Recipient is { } recipient)
            found.Add(OfRecipient(queue, recipient.Trim('<', '>').ToLowerInvariant()));
        if (Sender is { } sender)
            found.Add(OfSender(queue, sender));
        IEnumerable<long> all = found.Count == 0 ? Numbers(queue, "SELECT id FROM messages", null) : found.Aggregate(static (one, other) =>
        {
            one.IntersectWith(other);
            return one;
        });
        return [.. all.Order().Select(static number => new QueueId(number))];
    }

    private static HashSet<long> OfDomain(IndexConnection queue, string domain)
        => [.. Numbers(queue, "SELECT message FROM recipients WHERE domain = $1", domain), .. Numbers(queue, "SELECT message FROM recipients WHERE destination = $1", domain)];

    private static HashSet<long> OfRecipient(IndexConnection queue, string address)
        => [.. queue.Query(
            "SELECT message FROM recipients WHERE domain = $1 AND lower(address) = $2", static r => r.GetInt64(0), address[(address.LastIndexOf('@') + 1)..], address)];

    private static HashSet<long> OfSender(IndexConnection queue, string sender)
    {
        if (sender == NoSender)
            return [.. Numbers(queue, "SELECT id FROM messages WHERE sender = $1", "")];
        string plain = sender.Trim('<', '>').ToLowerInvariant();
        return
        [
            .. plain.Contains('@', StringComparison.Ordinal)
                ? Numbers(queue, "SELECT id FROM messages WHERE lower(sender) = $1", plain)
                : Numbers(queue, "SELECT id FROM messages WHERE lower(substr(sender, -length($1))) = $1", "@" + plain),
        ];
    }

    private static List<long> Numbers(IndexConnection queue, string sql, string? value)
        => value is null ? queue.Query(sql, static r => r.GetInt64(0)) : queue.Query(sql, static r => r.GetInt64(0), value);
}
