namespace FullStack.Store.Quota;

/// <summary>How much may be kept: a number of octets and a number of messages.</summary>
/// <param name="Octets">Octets of stored messages; <see cref="Unlimited"/>: any number.</param>
/// <param name="Messages">Messages; <see cref="Unlimited"/>: any number.</param>
public readonly record struct QuotaLimits(long Octets, long Messages)
{
    public const long Unlimited = long.MaxValue;

    /// <summary>No limit.</summary>
    public static QuotaLimits None => new(Unlimited, Unlimited);

    public bool IsUnlimited => Octets == Unlimited && Messages == Unlimited;

    /// <summary>Whether so much may be kept.</summary>
    internal bool Allow(QuotaAmount amount) => amount.Octets <= Octets && amount.Messages <= Messages;
}

/// <summary>What applies to one account.</summary>
/// <param name="Account">Its own limits of mail.</param>
/// <param name="Domain">Those that it shares with all accounts of its domain.</param>
/// <param name="Mailboxes">How many mailboxes it may have; <see cref="QuotaLimits.Unlimited"/>: any number.</param>
public readonly record struct AccountLimits(QuotaLimits Account, QuotaLimits Domain, long Mailboxes = QuotaLimits.Unlimited)
{
    public static AccountLimits None => new(QuotaLimits.None, QuotaLimits.None);

    /// <summary>Whether any amount of mail may be kept, in however few mailboxes.</summary>
    public bool IsUnlimited => Account.IsUnlimited && Domain.IsUnlimited;
}

/// <summary>An amount of mail.</summary>
/// <param name="Octets">Octets as stored: in a Maildir the lengths of the files.</param>
/// <param name="Messages">Messages.</param>
public readonly record struct QuotaAmount(long Octets, long Messages)
{
    public static QuotaAmount operator +(QuotaAmount left, QuotaAmount right) => new(left.Octets + right.Octets, left.Messages + right.Messages);

    public static QuotaAmount operator -(QuotaAmount left, QuotaAmount right) => new(left.Octets - right.Octets, left.Messages - right.Messages);
}
