namespace FullStack.Auth.Backends;

/// <summary>How much one account or one domain may keep, as an administrator set it.</summary>
/// <param name="Octets">Octets of mail; null: what the configuration says of all; <see cref="Unlimited"/>: any number.</param>
/// <param name="Messages">Messages, in the same way.</param>
/// <param name="Mailboxes">Mailboxes of an account, in the same way; of a domain: nothing.</param>
public readonly record struct DirectoryQuota(long? Octets, long? Messages, long? Mailboxes = null)
{
    /// <summary>No limit, whatever the configuration says.</summary>
    public const long Unlimited = long.MaxValue;

    /// <summary>Nothing is set: the configuration decides.</summary>
    public static DirectoryQuota Default => default;

    /// <summary>Nothing is limited.</summary>
    public static DirectoryQuota None => new(Unlimited, Unlimited, Unlimited);

    internal bool IsValid => Octets is null or >= 0 && Messages is null or >= 0 && Mailboxes is null or >= 0;
}

/// <summary>What applies to one account: its own quota, and that which it shares with all accounts of its domain.</summary>
public readonly record struct DirectoryQuotas(DirectoryQuota User, DirectoryQuota Domain);

/// <summary>One domain as the directory has it.</summary>
/// <param name="Name">A-labels in lower case.</param>
/// <param name="Quota">What all its accounts may keep together.</param>
public sealed record DirectoryDomain(string Name, DirectoryQuota Quota);
