namespace FullStack.Auth.Throttling;

/// <summary>Counts failures by key and says how long each key has to wait. Bounded: the key whose last failure is oldest goes first.</summary>
/// <remarks>Safe for concurrent use. All keys of one table live in one lock: each operation is a few memory accesses.</remarks>
internal sealed class FailureTable(TimeProvider time, int capacity = FailureTable.DefaultCapacity)
{
    /// <summary>Keys remembered: some 15 MiB when full.</summary>
    public const int DefaultCapacity = 100_000;

    /// <summary>How long after its last failure a key is forgotten.</summary>
    public static readonly TimeSpan ForgetAfter = TimeSpan.FromMinutes(15);

    private readonly Lock _lock = new();
    private readonly Dictionary<UInt128, LinkedListNode<Entry>> _entries = [];
    private readonly LinkedList<Entry> _byAge = new(); // the oldest failure first

    public int Count
    {
        get
        {
            lock (_lock)
                return _entries.Count;
        }
    }

    /// <summary>Whether a key has failed lately.</summary>
    public bool HasFailed(UInt128 key)
    {
        lock (_lock)
            return Find(key) is not null;
    }

    /// <summary>How long from now the next attempt has to wait; zero where it need not.</summary>
    public TimeSpan WaitOf(UInt128 key)
    {
        lock (_lock)
        {
            if (Find(key) is not { } node)
                return TimeSpan.Zero;
            TimeSpan wait = node.Value.Delay - time.GetElapsedTime(node.Value.FailedAt);
            return wait > TimeSpan.Zero ? wait : TimeSpan.Zero;
        }
    }

    /// <summary>Counts one failure, now.</summary>
    /// <param name="key">Who failed.</param>
    /// <param name="firstDelay">The delay that a first failure brings; each further one that is remembered doubles it.</param>
    /// <param name="maxDelay">The longest delay.</param>
    /// <param name="subject">Whom the key stands for, for people.</param>
    /// <param name="free">How many failures bring no delay.</param>
    /// <returns>The delay that this one brings.</returns>
    public TimeSpan Fail(UInt128 key, TimeSpan firstDelay, TimeSpan maxDelay, string subject = "", int free = 0)
    {
        lock (_lock)
        {
            int failures = Find(key) is { } node ? node.Value.Failures + 1 : 1;
            Remove(key);
            while (_entries.Count >= capacity || (_byAge.First is { } oldest && IsForgotten(oldest.Value)))
                Remove(_byAge.First!.Value.Key);
            Entry entry = new(key, failures, time.GetTimestamp(), failures <= free ? TimeSpan.Zero : DelayAfter(failures - free, firstDelay, maxDelay), subject);
            _entries.Add(key, _byAge.AddLast(entry));
            return entry.Delay;
        }
    }

    /// <summary>Forgets a key's failures.</summary>
    /// <returns>Whether there were any.</returns>
    public bool Clear(UInt128 key)
    {
        lock (_lock)
        {
            bool isThere = Find(key) is not null;
            Remove(key);
            return isThere;
        }
    }

    /// <summary>Who has failed lately, the last first.</summary>
    /// <param name="most">How many are wanted at most.</param>
    public IReadOnlyList<FailureCount> List(int most)
    {
        List<FailureCount> list = [];
        lock (_lock)
        {
            for (LinkedListNode<Entry>? node = _byAge.Last; node is not null && list.Count < most && !IsForgotten(node.Value); node = node.Previous)
            {
                TimeSpan wait = node.Value.Delay - time.GetElapsedTime(node.Value.FailedAt);
                list.Add(new(node.Value.Subject, node.Value.Failures, wait > TimeSpan.Zero ? wait : TimeSpan.Zero));
            }
        }

        return list;
    }

    private LinkedListNode<Entry>? Find(UInt128 key)
        => _entries.TryGetValue(key, out LinkedListNode<Entry>? node) && !IsForgotten(node.Value) ? node : null;

    private void Remove(UInt128 key)
    {
        if (_entries.Remove(key, out LinkedListNode<Entry>? node))
            _byAge.Remove(node);
    }

    private bool IsForgotten(Entry entry) => time.GetElapsedTime(entry.FailedAt) > ForgetAfter;

    private static TimeSpan DelayAfter(int failures, TimeSpan firstDelay, TimeSpan maxDelay)
    {
        double doubled = firstDelay.Ticks * Math.Pow(2, Math.Min(failures - 1, 40));
        return doubled >= maxDelay.Ticks ? maxDelay : TimeSpan.FromTicks((long)doubled);
    }

    private sealed record Entry(UInt128 Key, int Failures, long FailedAt, TimeSpan Delay, string Subject);
}

/// <summary>Whose logins failed lately.</summary>
/// <param name="Subject">A network or an account.</param>
/// <param name="Failures">How often.</param>
/// <param name="Wait">How long from now the next attempt has to wait.</param>
public readonly record struct FailureCount(string Subject, int Failures, TimeSpan Wait);
