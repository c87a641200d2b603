using FullStack.Auth.Throttling;

namespace FullStack.Smtp.Guard;

/// <summary>Who has sent how much lately. Outlives the configuration, so that a reload sets nobody's count back; not the process.</summary>
public sealed class SendingRates(TimeProvider time)
{
    /// <summary>Keys of accounts.</summary>
    public ThrottleKey Keys { get; } = new();

    /// <summary>Messages by network.</summary>
    public RateTable Networks { get; } = new(time);

    /// <summary>Messages by account.</summary>
    public RateTable Accounts { get; } = new(time);

    /// <summary>Questions by ETRN by network.</summary>
    public RateTable QueueRuns { get; } = new(time);

    /// <summary>Recipients by account.</summary>
    public RateTable AccountRecipients { get; } = new(time);
}
