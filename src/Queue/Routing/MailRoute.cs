using FullStack.Smtp;
using FullStack.Store.Accounts;

namespace FullStack.Queue.Routing;

/// <summary>Where one recipient's copies go. At least one of the three, or a refusal.</summary>
/// <param name="Targets">Mailboxes of this host; no account twice.</param>
/// <param name="Elsewhere">Addresses whose domains other hosts serve, and to which mail goes as it came; none twice.</param>
public sealed record MailRoute(IReadOnlyList<LocalTarget> Targets, IReadOnlyList<MailboxAddress> Elsewhere) : Route
{
    /// <summary>Copies with other senders, or for others to deliver: what aliases and users' own files pass on.</summary>
    public IReadOnlyList<ForwardedCopy> Copies { get; init; } = [];

    /// <summary>Something of it is done by the queue.</summary>
    public bool Leaves => Elsewhere.Count + Copies.Count > 0;

    /// <summary>To how many mailboxes, addresses, programs and files it leads.</summary>
    public int Count => Targets.Count + Elsewhere.Count + Copies.Sum(static copy => copy.Targets.Count + copy.Elsewhere.Count + copy.Actions.Count);

    /// <summary>It leads nowhere.</summary>
    public bool IsEmpty => Targets.Count + Elsewhere.Count + Copies.Count == 0;

    /// <summary>Why it goes nowhere, for a sender who hears of it only by a notice; null: it does go somewhere.</summary>
    public DeliveryStatus? Refusal { get; init; }
}

/// <summary>One account that gets a copy.</summary>
/// <param name="Account">The account.</param>
/// <param name="Address">The address that led to it, after aliases, with its detail: what Delivered-To says.</param>
public sealed record LocalTarget(AccountName Account, string Address);
