using FullStack.Smtp;
using FullStack.Store.Accounts;

namespace FullStack.Queue.Spool;

/// <summary>Deliveries to mailboxes of this host of which it is not written down what came of them. Safe for use by many at once.</summary>
internal sealed class BegunDeliveries
{
    private readonly Lock _gate = new();
    private readonly Dictionary<QueueId, HashSet<AccountName>> _all = [];

    /// <summary>The messages that are delivered.</summary>
    public IReadOnlyList<QueueId> Messages
    {
        get
        {
            lock (_gate)
                return [.. _all.Keys];
        }
    }

    /// <summary>One begins.</summary>
    /// <returns>False where it had begun before.</returns>
    public bool Begin(QueueId message, AccountName account)
    {
        lock (_gate)
        {
            if (!_all.TryGetValue(message, out HashSet<AccountName>? accounts))
                _all.Add(message, accounts = []);
            return accounts.Add(account);
        }
    }

    /// <summary>What came of it is written down.</summary>
    public void End(QueueId message, AccountName account)
    {
        lock (_gate)
        {
            if (_all.TryGetValue(message, out HashSet<AccountName>? accounts) && accounts.Remove(account) && accounts.Count == 0)
                _all.Remove(message);
        }
    }

    /// <summary>A message is gone from the queue.</summary>
    public void Forget(QueueId message)
    {
        lock (_gate)
            _all.Remove(message);
    }
}
