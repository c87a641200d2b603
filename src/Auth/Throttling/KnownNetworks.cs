using System.Net;

namespace FullStack.Auth.Throttling;

/// <summary>Where accounts are logged in from at this moment, and where by POP3 or IMAP a moment ago.</summary>
/// <remarks>Bounded by the number of sessions, and of addresses remembered.</remarks>
internal sealed class KnownNetworks(TimeProvider time, int capacity = KnownNetworks.DefaultCapacity)
{
    /// <summary>Addresses remembered.</summary>
    public const int DefaultCapacity = 50_000;

    private readonly Lock _lock = new();
    private readonly Dictionary<(UInt128 Account, UInt128 Network), int> _sessions = [];
    private readonly Dictionary<IPAddress, long> _reads = [];
    private readonly Queue<(IPAddress Address, long At)> _byAge = new();

    /// <summary>Whether an account has a session from a network.</summary>
    public bool HasSession(UInt128 account, UInt128 network)
    {
        lock (_lock)
            return _sessions.ContainsKey((account, network));
    }

    /// <summary>Counts a session until what this returns is disposed.</summary>
    public IDisposable BeginSession(UInt128 account, UInt128 network)
    {
        lock (_lock)
            _sessions[(account, network)] = _sessions.GetValueOrDefault((account, network)) + 1;
        return new Session(this, account, network);
    }

    /// <summary>Remembers that somebody at an address has just read mail; but at this host, where a webmail reads for all.</summary>
    public void NoteRead(IPAddress address)
    {
        if (IPAddress.IsLoopback(Plain(address)))
            return;
        long now = time.GetTimestamp();
        lock (_lock)
        {
            while (_byAge.Count >= capacity)
            {
                (IPAddress oldest, long at) = _byAge.Dequeue();
                if (_reads.TryGetValue(oldest, out long last) && last == at)
                    _reads.Remove(oldest);
            }

            _reads[Plain(address)] = now;
            _byAge.Enqueue((Plain(address), now));
        }
    }

    /// <summary>Whether somebody at exactly this address has read mail within a time.</summary>
    public bool HasRead(IPAddress address, TimeSpan within)
    {
        lock (_lock)
            return _reads.TryGetValue(Plain(address), out long at) && time.GetElapsedTime(at) <= within;
    }

    private static IPAddress Plain(IPAddress address) => address.IsIPv4MappedToIPv6 ? address.MapToIPv4() : address;

    private void End(UInt128 account, UInt128 network)
    {
        lock (_lock)
        {
            int left = _sessions[(account, network)] - 1;
            if (left == 0)
                _sessions.Remove((account, network));
            else
                _sessions[(account, network)] = left;
        }
    }

    private sealed class Session(KnownNetworks networks, UInt128 account, UInt128 network) : IDisposable
    {
        private int _ended;

        public void Dispose()
        {
            if (Interlocked.Exchange(ref _ended, 1) == 0)
                networks.End(account, network);
        }
    }
}
