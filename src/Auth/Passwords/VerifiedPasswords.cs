using System.Buffers.Binary;
using System.Security.Cryptography;
using System.Text;

namespace FullStack.Auth.Passwords;

/// <summary>Remembers for some minutes which password an account was last logged in with from a network, so that clients that poll cost no key derivation each time.</summary>
/// <remarks>
/// It holds no password but a keyed hash of password and stored form: useless outside this process, and void the moment
/// the stored form changes. A hit is answered at once, past the throttle, so an entry must not serve for guessing: it
/// counts only for the network it was made from, and some wrong passwords in a row remove it.
/// </remarks>
internal sealed class VerifiedPasswords(TimeProvider time, int capacity = VerifiedPasswords.DefaultCapacity)
{
    public const int DefaultCapacity = 20_000;

    /// <summary>How long after the full check an entry counts.</summary>
    public static readonly TimeSpan Lifetime = TimeSpan.FromMinutes(5);

    /// <summary>Wrong passwords between two right ones before an entry is dropped.</summary>
    public const int MaxMisses = 5;

    private readonly byte[] _secret = RandomNumberGenerator.GetBytes(32);
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

        byte[] proof = ProofOf(stored, password);
        lock (_lock)
        {
            if (!_entries.TryGetValue((account, network), out Entry? entry))
                return false;
            if (time.GetElapsedTime(entry.CheckedAt) <= Lifetime && CryptographicOperations.FixedTimeEquals(entry.Proof, proof))
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
        Entry entry = new(ProofOf(stored, password), time.GetTimestamp());
        lock (_lock)
        {
            _entries[(account, network)] = entry;
            _byAge.Enqueue(((account, network), entry));
            while (_byAge.TryPeek(out var oldest) && (_byAge.Count > capacity || time.GetElapsedTime(oldest.Entry.CheckedAt) > Lifetime))
            {
                _byAge.Dequeue();
                if (_entries.TryGetValue(oldest.Key, out Entry? current) && ReferenceEquals(current, oldest.Entry))
                    _entries.Remove(oldest.Key);
            }
        }
    }

    private byte[] ProofOf(string stored, string password)
    {
        int storedOctets = Encoding.UTF8.GetByteCount(stored);
        byte[] text = new byte[sizeof(int) + storedOctets + Encoding.UTF8.GetByteCount(password)];
        BinaryPrimitives.WriteInt32LittleEndian(text, storedOctets); // keeps the two apart
        Encoding.UTF8.GetBytes(stored, text.AsSpan(sizeof(int)));
        Encoding.UTF8.GetBytes(password, text.AsSpan(sizeof(int) + storedOctets));
        byte[] proof = HMACSHA256.HashData(_secret, text);
        CryptographicOperations.ZeroMemory(text);
        return proof;
    }

    private sealed class Entry(byte[] proof, long checkedAt)
    {
        public byte[] Proof { get; } = proof;
        public long CheckedAt { get; } = checkedAt;
        public int Misses { get; set; }
    }
}
