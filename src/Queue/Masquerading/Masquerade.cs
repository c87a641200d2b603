using FullStack.Mime;
using FullStack.Queue.Spool;
using FullStack.Smtp;

namespace FullStack.Queue.Masquerading;

/// <summary>Gives addresses of the house, which mean nothing elsewhere, the form under which they are known outside.</summary>
/// <remarks>
/// It is done to what goes to other hosts, at each attempt; what waits in the queue and what mailboxes of this host get has addresses as they came. An address
/// changes once: what the table or a domain makes of it is not looked up again.
/// </remarks>
/// <param name="options">The settings.</param>
/// <param name="detailSeparator">What begins the detail in a local part; empty: there are none.</param>
public sealed class Masquerade(MasqueradeOptions options, string detailSeparator)
{
    /// <summary>Every address stays as it is.</summary>
    public static Masquerade None { get; } = new(new(), "");

    private bool IsUsed => options.Table.Count + options.Domains.Count > 0;

    /// <summary>Whether it is for messages from somewhere.</summary>
    public bool IsFor(MessageOrigin origin)
        => IsUsed && (origin.Source == MessageSource.Own || (origin.Source == MessageSource.Network && options.IncludesRelayed));

    /// <summary>The sender as others know it.</summary>
    public ReversePath SenderOf(ReversePath sender)
        => options.Fields.HasFlag(MasqueradedFields.Envelope) && sender.Address is { } address && OutsideOf(address) is { } outside ? ReversePath.To(outside) : sender;

    /// <summary>Finds out what a message's header becomes.</summary>
    /// <param name="message">The message, which is disposed of.</param>
    /// <param name="ct">Ends the work.</param>
    /// <returns>Null where it stays as it is.</returns>
    /// <exception cref="IOException">It cannot be read.</exception>
    public async ValueTask<HeaderRewriting?> PlanAsync(Stream message, CancellationToken ct)
    {
        await using Stream opened = message;
        return (options.Fields & (MasqueradedFields.Senders | MasqueradedFields.Recipients)) == 0 ? null
            : await HeaderRewriting.PlanAsync(opened, ChoiceOf(MasqueradedFields.Senders), ChoiceOf(MasqueradedFields.Recipients), ct);
    }

    /// <summary>What an address is called outside; null where it is called what it is.</summary>
    public MailboxAddress? OutsideOf(MailboxAddress address)
    {
        MailboxAddress? plain = address.WithAsciiDomain();
        MailboxAddress? outside = plain is null ? null : options.Table.Find(plain, detailSeparator) ?? Folded(plain);
        return outside == plain ? null : outside;
    }

    private Func<string, string, string?>? ChoiceOf(MasqueradedFields fields)
        => options.Fields.HasFlag(fields) ? (localPart, domain) => OutsideOf(new(localPart, domain))?.ToString() : null;

    private MailboxAddress? Folded(MailboxAddress address)
    {
        if (options.ExceptUsers.Contains(address.LocalPart, StringComparer.OrdinalIgnoreCase))
            return null;
        foreach (string entry in options.Domains)
        {
            bool stays = entry.StartsWith('!');
            string domain = stays ? entry[1..] : entry;
            if (address.Domain.Equals(domain, StringComparison.OrdinalIgnoreCase) || address.Domain.EndsWith($".{domain}", StringComparison.OrdinalIgnoreCase))
                return stays ? null : address with { Domain = domain };
        }

        return null;
    }
}
