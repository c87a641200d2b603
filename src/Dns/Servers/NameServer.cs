using System.Net;

namespace FullStack.Dns.Servers;

/// <summary>A server that is asked, and whether it answered the last time.</summary>
internal sealed class NameServer(IPEndPoint endPoint, bool isTrusted)
{
    /// <summary>How long a server that did not answer is asked after the others.</summary>
    public static readonly TimeSpan Rest = TimeSpan.FromSeconds(30);

    private long _restsSince;
    private volatile bool _isDown;

    public IPEndPoint EndPoint { get; } = endPoint;

    /// <summary>Whether its word counts that an answer is proved.</summary>
    public bool IsTrusted { get; } = isTrusted;

    public bool IsResting(TimeProvider time) => _isDown && time.GetElapsedTime(Volatile.Read(ref _restsSince)) < Rest;

    /// <returns>Whether it answered until now.</returns>
    public bool SetDown(TimeProvider time)
    {
        Volatile.Write(ref _restsSince, time.GetTimestamp());
        bool wasUp = !_isDown;
        _isDown = true;
        return wasUp;
    }

    /// <returns>Whether it did not answer until now.</returns>
    public bool SetUp()
    {
        bool wasDown = _isDown;
        _isDown = false;
        return wasDown;
    }
}
