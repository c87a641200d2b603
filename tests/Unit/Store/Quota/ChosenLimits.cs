using FullStack.Store.Accounts;
using FullStack.Store.Quota;

namespace FullStack.Unit.Store.Quota;

/// <summary>The same limits for everybody, which a test changes as it goes.</summary>
internal sealed class ChosenLimits : IQuotaLimits
{
    public QuotaLimits Account { get; set; } = QuotaLimits.None;
    public QuotaLimits Domain { get; set; } = QuotaLimits.None;

    /// <summary>Nobody can say what the limits are.</summary>
    public bool AreUnknown { get; set; }

    public ValueTask<AccountLimits> OfAsync(AccountName account, CancellationToken ct)
        => AreUnknown ? throw new IOException("not now") : new(new AccountLimits(Account, Domain));
}
