using FullStack.Smtp;
using FullStack.Store.Accounts;

namespace FullStack.Queue.Routing;

/// <summary>Where one recipient's copies go: mailboxes of this host, and addresses elsewhere. At least one of either, or a refusal.</summary>
/// <param name="Targets">The mailboxes; no account twice.</param>
/// <param name="Elsewhere">Addresses whose domains other hosts serve; none twice.</param>
public sealed record MailRoute(IReadOnlyList<LocalTarget> Targets, IReadOnlyList<MailboxAddress> Elsewhere) : Route
{
    /// <summary>Why it goes nowhere, for a sender who hears of it only by a notice; null: it does go somewhere.</summary>
    public DeliveryStatus? Refusal { get; init; }
}

/// <summary>One account that gets a copy.</summary>
/// <param name="Account">The account.</param>
/// <param name="Address">The address that led to it, after aliases, with its detail: what Delivered-To says.</param>
public sealed record LocalTarget(AccountName Account, string Address);
