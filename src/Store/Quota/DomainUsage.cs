namespace FullStack.Store.Quota;

/// <summary>
/// What the accounts of one domain keep, by the names of their folders. Its lock is that of all its accounts' numbers too.
/// </summary>
internal sealed class DomainUsage(string folder)
{
    private readonly Dictionary<string, QuotaAmount> _accounts = [];
    private QuotaAmount _used;
    private QuotaAmount _reserved;

    /// <summary>The name of the domain's folder.</summary>
    public string Folder => folder;

    public Lock Lock { get; } = new();

    /// <summary>One load at a time.</summary>
    public AsyncLock Loading { get; } = new();

    /// <summary>Whether all accounts of the domain are counted in.</summary>
    public bool IsComplete { get; set; }

    /// <summary>What is used and reserved. Under the lock.</summary>
    public QuotaAmount Taken => _used + _reserved;

    /// <summary>What is used. Under the lock.</summary>
    public QuotaAmount Used => _used;

    /// <summary>Takes note of what an account keeps now. Under the lock.</summary>
    public void Report(string account, QuotaAmount used)
    {
        _used += used - _accounts.GetValueOrDefault(account);
        _accounts[account] = used;
    }

    /// <summary>Takes note of what an account kept when it was last open; what it reported since counts. Under the lock.</summary>
    public void ReportFormer(string account, QuotaAmount used)
    {
        if (_accounts.TryAdd(account, used))
            _used += used;
    }

    /// <summary>Reserves, or gives back a negative amount. Under the lock.</summary>
    public void Reserve(QuotaAmount amount) => _reserved += amount;
}
