using FullStack.Smtp;
using FullStack.Store.Accounts;

namespace FullStack.Queue.Routing;

/// <summary>Delivery into mailboxes of this host.</summary>
/// <param name="Targets">At least one; no account twice.</param>
public sealed record LocalRoute(IReadOnlyList<LocalTarget> Targets) : Route;

/// <summary>One account that gets a copy.</summary>
/// <param name="Account">The account.</param>
/// <param name="Address">The address that led to it, after aliases, with its detail: what Delivered-To says.</param>
public sealed record LocalTarget(AccountName Account, string Address);
