namespace FullStack.Store.Quota;

/// <summary>
/// Room that one operation has taken for messages on their way into, or out of, an account. It counts like mail that is
/// there until the operation ends: what failed is given back, and what was removed is given back only once it is gone for good.
/// </summary>
/// <remarks>Taken before any mailbox lock: a count that waits for the operation to end needs these locks.</remarks>
internal sealed class Reservation(AccountUsage usage) : IDisposable
{
    private int _disposed;

    /// <summary>What is reserved now. Changed by the account's ledger only, under its lock.</summary>
    public QuotaAmount Amount { get; set; }

    public void Dispose()
    {
        if (Interlocked.Exchange(ref _disposed, 1) == 0)
            usage.Release(this);
    }
}
