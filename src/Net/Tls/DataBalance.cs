namespace FullStack.Net.Tls;

/// <summary>Weighs what a peer sends below TLS against the data in it, and ends a connection on which there is too little.</summary>
/// <remarks>
/// A peer may change its keys as often as it likes and ask for ours to be changed (RFC 8446 §4.6.3), and send records that hold nothing (§5.1). Who reads data never hears
/// of it: each such message costs the making of keys, and the answer to it stays in memory until something else is sent. Mail programs do this once in many millions of
/// records. A record for each octet, as a keyboard's, is data all the same: twelve thousand of them may come before anything is answered.
/// </remarks>
internal sealed class DataBalance
{
    /// <summary>Octets that may come without data since something was sent, the handshake among them.</summary>
    public const int MostOctets = 256 * 1024;

    /// <summary>What an octet of data makes up for: itself, and as much again.</summary>
    private const int Worth = 2;

    private long _octets;

    /// <summary>Octets came from the peer.</summary>
    /// <exception cref="IOException">They were too many for the data in them.</exception>
    public void Received(int octets)
    {
        _octets += octets;
        if (_octets > MostOctets)
            throw new IOException("the peer sent messages of TLS, and hardly any data");
    }

    /// <summary>Data was read out of them.</summary>
    public void Read(int octets) => _octets = Math.Max(0, _octets - (Worth * (long)octets));

    /// <summary>Data was sent, and with it all that waited to be.</summary>
    public void Sent() => _octets = 0;
}
