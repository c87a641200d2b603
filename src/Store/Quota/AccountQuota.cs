namespace FullStack.Store.Quota;

/// <summary>What an account keeps, of how much, as its owner may know it.</summary>
/// <param name="Limits">The account's own limits. What it shares with its domain is nobody's business but the administrator's.</param>
/// <param name="Used">What it keeps: exact where there is a limit, else as far as it happens to be known.</param>
/// <param name="Mailboxes">How many mailboxes it has.</param>
/// <param name="MailboxLimit">How many it may have; <see cref="QuotaLimits.Unlimited"/>: any number.</param>
public sealed record AccountQuota(QuotaLimits Limits, QuotaAmount Used, int Mailboxes, long MailboxLimit)
{
    /// <summary>Whether nothing is limited.</summary>
    public bool IsUnlimited => Limits.IsUnlimited && MailboxLimit == QuotaLimits.Unlimited;
}
