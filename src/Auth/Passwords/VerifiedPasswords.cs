using System.Security.Cryptography;

namespace FullStack.Auth.Passwords;

/// <summary>Remembers for some minutes which password an account was last logged in with from a network, so that clients that poll cost no key derivation each time.</summary>
/// <remarks>
/// It holds no password but a keyed hash of password and stored form: useless outside this process, and void the moment
/// the stored form changes. A hit is answered at once, past the throttle, so an entry must not serve for guessing: it
/// counts only for the network it was made from, and some wrong passwords in a row remove it.
/// </remarks>
/// <param name="time">The clock.</param>
/// <param name="lifetime">How long after the full check an entry counts; zero: nothing is remembered.</param>
/// <param name="capacity">Most entries.</param>
internal sealed class VerifiedPasswords(TimeProvider time, TimeSpan lifetime, int capacity = VerifiedPasswords.DefaultCapacity)
{
    public const int DefaultCapacity = 20_000;

    /// <summary>Wrong passwords between two right ones before an entry is dropped.</summary>
    public const int MaxMisses = 5;

    /// <summary>How long an entry counts.</summary>
    public TimeSpan Lifetime => lifetime;

    private readonly SecretDigest _digest = new();
    private readonly Lock _lock = new();
    private readonly Dictionary<(UInt128 Account, UInt128 Network), Entry> _entries = [];
    private readonly Queue<((UInt128 Account, UInt128 Network) Key, Entry Entry)> _byAge = new();

    /// <summary>Whether this password was checked against this stored form lately.</summary>
    public bool Contains(UInt128 account, UInt128 network, string stored, string password)
    {
        lock (_lock)
        {
            if (!_entries.ContainsKey((account, network)))
                return false; // without an entry nothing needs to be hashed
        }

        byte[] proof = _digest.Of(stored, password);
        lock (_lock)
        {
            if (!_entries.TryGetValue((account, network), out Entry? entry))
                return false;
            if (time.GetElapsedTime(entry.CheckedAt) <= lifetime && CryptographicOperations.FixedTimeEquals(entry.Proof, proof))
            {
                entry.Misses = 0;
                return true;
            }

            if (++entry.Misses >= MaxMisses)
                _entries.Remove((account, network));
            return false;
        }
    }

    /// <summary>Remembers a password that was just checked in full.</summary>
    public void Add(UInt128 account, UInt128 network, string stored, string password)
    {
        if (lifetime <= TimeSpan.Zero)
            return;
        Entry entry = new(_digest.Of(stored, password), time.GetTimestamp());
        lock (_lock)
        {
            _entries[(account, network)] = entry;
            _byAge.Enqueue(((account, network), entry));
            while (_byAge.TryPeek(out var oldest) && (_byAge.Count > capacity || time.GetElapsedTime(oldest.Entry.CheckedAt) > lifetime))
            {
                _byAge.Dequeue();
                if (_entries.TryGetValue(oldest.Key, out Entry? current) && ReferenceEquals(current, oldest.Entry))
                    _entries.Remove(oldest.Key);
            }
        }
    }

    private sealed class Entry(byte[] proof, long checkedAt)
    {
        public byte[] Proof { get; } = proof;
        public long CheckedAt { get; } = checkedAt;
        public int Misses { get; set; }
    }
}
