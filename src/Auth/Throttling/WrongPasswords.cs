using System.Buffers.Binary;
using System.Globalization;
using FullStack.Auth.Passwords;

namespace FullStack.Auth.Throttling;

/// <summary>Remembers which wrong passwords came for which account: the same one again is a program that nobody told of a new password, and no guess.</summary>
/// <remarks>It holds keyed hashes, useless outside this process. Another stored password voids what is remembered of an account. Bounded: the oldest goes first.</remarks>
internal sealed class WrongPasswords(TimeProvider time, int capacity = WrongPasswords.DefaultCapacity)
{
    /// <summary>Passwords remembered: some 10 MiB when full.</summary>
    public const int DefaultCapacity = 100_000;

    /// <summary>How long one is remembered after it came last for the first time.</summary>
    public static readonly TimeSpan Lifetime = TimeSpan.FromHours(12);

    private readonly SecretDigest _digest = new();
    private readonly Lock _lock = new();
    private readonly Dictionary<UInt128, long> _entries = [];
    private readonly Queue<UInt128> _byAge = new();

    /// <summary>Whether it was found wrong before.</summary>
    /// <param name="account">Whose.</param>
    /// <param name="version">What becomes another value with another password; null where nothing does.</param>
    /// <param name="password">The password.</param>
    public bool Contains(UInt128 account, string? version, string password)
    {
        UInt128 key = KeyOf(account, version, password);
        lock (_lock)
            return _entries.TryGetValue(key, out long at) && time.GetElapsedTime(at) <= Lifetime;
    }

    /// <summary>Remembers one that was just found wrong.</summary>
    /// <returns>Whether it was there already.</returns>
    public bool Add(UInt128 account, string? version, string password)
    {
        UInt128 key = KeyOf(account, version, password);
        lock (_lock)
        {
            while (_byAge.TryPeek(out UInt128 oldest) && (_byAge.Count >= capacity || time.GetElapsedTime(_entries[oldest]) > Lifetime))
                _entries.Remove(_byAge.Dequeue());
            if (!_entries.TryAdd(key, time.GetTimestamp()))
                return true;
            _byAge.Enqueue(key);
            return false;
        }
    }

    private UInt128 KeyOf(UInt128 account, string? version, string password)
        => BinaryPrimitives.ReadUInt128BigEndian(_digest.Of(account.ToString(CultureInfo.InvariantCulture), version ?? "", password));
}
