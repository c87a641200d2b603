namespace FullStack.Auth.Backends;

/// <summary>What a back-end answered lately, also that it has nothing.</summary>
internal sealed class LookupCache<T>(TimeSpan lifetime, TimeSpan negativeLifetime, TimeProvider time, int capacity = LookupCache<T>.DefaultCapacity)
    where T : class
{
    public const int DefaultCapacity = 10_000;

    private readonly Lock _lock = new();
    private readonly Dictionary<string, Entry> _entries = new(StringComparer.Ordinal);
    private readonly Queue<(string Key, Entry Entry)> _byAge = new();

    /// <param name="key">What was asked for.</param>
    /// <param name="value">The answer; null: there is nothing of that name.</param>
    /// <returns>Whether the answer is known.</returns>
    public bool TryGet(string key, out T? value)
    {
        lock (_lock)
        {
            bool known = _entries.TryGetValue(key, out Entry? entry) && time.GetElapsedTime(entry.At) < LifetimeOf(entry.Value);
            value = known ? entry!.Value : null;
            return known;
        }
    }

    public void Put(string key, T? value)
    {
        if (LifetimeOf(value) <= TimeSpan.Zero)
            return;
        Entry entry = new(value, time.GetTimestamp());
        lock (_lock)
        {
            _entries[key] = entry;
            _byAge.Enqueue((key, entry));
            while (_byAge.TryPeek(out var oldest) && (_byAge.Count > capacity || time.GetElapsedTime(oldest.Entry.At) >= LifetimeOf(oldest.Entry.Value)))
            {
                _byAge.Dequeue();
                if (_entries.TryGetValue(oldest.Key, out Entry? current) && ReferenceEquals(current, oldest.Entry))
                    _entries.Remove(oldest.Key);
            }
        }
    }

    private TimeSpan LifetimeOf(T? value) => value is null ? negativeLifetime : lifetime;

    private sealed record Entry(T? Value, long At);
}
