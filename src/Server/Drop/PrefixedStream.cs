using FullStack.Mime;

namespace FullStack.Server.Drop;

/// <summary>Octets in memory, and behind them what a stream has left.</summary>
/// <param name="prefix">The octets in memory.</param>
/// <param name="rest">What comes behind them.</param>
/// <param name="most">Octets of the stream that are read, and no more.</param>
internal sealed class PrefixedStream(byte[] prefix, Stream rest, long most = long.MaxValue) : ReadingStream
{
    private int _at;
    private long _left = most;

    public override int Read(Span<byte> buffer)
    {
        if (_at >= prefix.Length)
        {
            int read = rest.Read(buffer[..(int)Math.Min(buffer.Length, _left)]);
            _left -= read;
            return read;
        }

        int taken = Math.Min(buffer.Length, prefix.Length - _at);
        prefix.AsSpan(_at, taken).CopyTo(buffer);
        _at += taken;
        return taken;
    }

    public override ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default) => new(Read(buffer.Span)); // both are files of this host
}
