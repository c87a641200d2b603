using FullStack.Queue.Delivery;
using FullStack.Store.Quota;

namespace FullStack.Server;

/// <summary>How much accounts and domains may keep for which the directory says nothing else.</summary>
public sealed class QuotaConfiguration
{
    public long AccountOctets { get; init; } = QuotaLimits.Unlimited;

    public long AccountMessages { get; init; } = QuotaLimits.Unlimited;

    public long AccountMailboxes { get; init; } = QuotaLimits.Unlimited;

    public long DomainOctets { get; init; } = QuotaLimits.Unlimited;

    public long DomainMessages { get; init; } = QuotaLimits.Unlimited;

    /// <summary>What a sender hears of a mailbox that is full.</summary>
    public OverQuota Over { get; init; } = OverQuota.Refuse;
}
