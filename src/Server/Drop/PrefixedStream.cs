using FullStack.Mime;

namespace FullStack.Server.Drop;

/// <summary>Octets in memory, and behind them what a stream has left.</summary>
internal sealed class PrefixedStream(byte[] prefix, Stream rest) : ReadingStream
{
    private int _at;

    public override int Read(Span<byte> buffer)
    {
        if (_at >= prefix.Length)
            return rest.Read(buffer);
        int taken = Math.Min(buffer.Length, prefix.Length - _at);
        prefix.AsSpan(_at, taken).CopyTo(buffer);
        _at += taken;
        return taken;
    }

    public override ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default) => new(Read(buffer.Span)); // both are files of this host
}
