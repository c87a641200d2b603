using System.Buffers;
using FullStack.Net;

namespace FullStack.Smtp.Server;

/// <summary>Reads the pieces of one message, and bounds the wait for all of them together.</summary>
/// <remarks>
/// <see cref="SmtpOptions.DataTimeout"/> alone, which is what RFC 5321 §4.5.3.2.5 asks for, lets an octet every two minutes
/// hold a session, its connection and its staged message for years. Only the time spent waiting for the client counts.
/// </remarks>
internal sealed class DataPace(MailConnection connection, SmtpOptions options, TimeProvider time)
{
    private TimeSpan _waited;
    private long _octets;

    /// <summary>Waits for the next piece.</summary>
    /// <exception cref="PeerTimeoutException">Nothing came in time, or too little altogether.</exception>
    public async ValueTask<ReadOnlySequence<byte>> ReadAsync(CancellationToken ct)
    {
        long begun = time.GetTimestamp();
        ReadOnlySequence<byte> piece = await connection.ReadAsync(LongestWait(), ct);
        _waited += time.GetElapsedTime(begun);
        return piece;
    }

    /// <summary>Gives back a piece up to where it was used.</summary>
    public void Advance(SequencePosition consumed, long octets)
    {
        connection.Advance(consumed);
        _octets += octets;
    }

    private TimeSpan LongestWait()
    {
        if (options.MinDataRate == 0)
            return options.DataTimeout;
        TimeSpan left = options.DataGrace + TimeSpan.FromSeconds((double)_octets / options.MinDataRate) - _waited;
        if (left <= TimeSpan.Zero)
            return TimeSpan.Zero; // what has come already is still taken
        return left < options.DataTimeout ? left : options.DataTimeout;
    }
}
