using FullStack.Store.Accounts;

namespace FullStack.Store.Quota;

/// <summary>Knows how much each account and each domain may keep. It is asked before each message that is to be kept, so that a change counts at once.</summary>
public interface IQuotaLimits
{
    /// <summary>The limits of an account, and of its domain.</summary>
    /// <exception cref="IOException">They cannot be found out now: the message is to be offered again later.</exception>
    ValueTask<AccountLimits> OfAsync(AccountName account, CancellationToken ct);
}

/// <summary>Limits nobody.</summary>
public sealed class NoQuotaLimits : IQuotaLimits
{
    public static NoQuotaLimits Instance { get; } = new();

    public ValueTask<AccountLimits> OfAsync(AccountName account, CancellationToken ct) => new(AccountLimits.None);
}
