using System.Collections.Concurrent;

namespace FullStack.Pop3.Server;

/// <summary>When accounts were logged in to of late, so that no client asks for mail more often than it may (RFC 2449 §6.5).</summary>
/// <remarks>It outlives a change of the configuration. An entry is kept no longer than it counts for.</remarks>
public sealed class LoginTimes(TimeProvider time)
{
    private const int SweepFrom = 1024;

    private readonly ConcurrentDictionary<string, long> _logins = new(StringComparer.Ordinal);
    private int _sweepAt = SweepFrom;

    /// <summary>Accounts that are remembered.</summary>
    internal int Count => _logins.Count;

    /// <summary>Takes note of a login.</summary>
    /// <param name="account">The account.</param>
    /// <param name="delay">How long ago the last one has to be.</param>
    /// <returns>False where it is not; then this one does not count.</returns>
    public bool TryLogIn(string account, TimeSpan delay)
    {
        if (delay <= TimeSpan.Zero)
            return true;
        long now = time.GetTimestamp();
        Sweep(delay);
        while (true)
        {
            if (_logins.TryAdd(account, now))
                return true;
            if (!_logins.TryGetValue(account, out long last))
                continue;
            if (time.GetElapsedTime(last, now) < delay)
                return false;
            if (_logins.TryUpdate(account, now, last))
                return true;
        }
    }

    /// <summary>Forgets what counts no more, each time the number of entries has doubled.</summary>
    private void Sweep(TimeSpan delay)
    {
        if (_logins.Count < Volatile.Read(ref _sweepAt))
            return;
        foreach ((string account, long last) in _logins)
        {
            if (time.GetElapsedTime(last) >= delay)
                _logins.TryRemove(new(account, last));
        }

        Volatile.Write(ref _sweepAt, Math.Max(SweepFrom, 2 * _logins.Count));
    }
}
