using System.Buffers;
using FullStack.Mime;
using FullStack.Store.Mailboxes;

namespace FullStack.Store.Search;

/// <summary>A header as it came, for as long as it is searched.</summary>
internal readonly struct HeaderOctets : IDisposable
{
    /// <summary>Of a header longer than this the rest is not searched, in octets as stored.</summary>
    public const int MaxStoredOctets = 1 << 20;

    private readonly byte[] _buffer;
    private readonly int _length;

    private HeaderOctets(byte[] buffer, int length) => (_buffer, _length) = (buffer, length);

    public ReadOnlyMemory<byte> Octets => _buffer.AsMemory(0, _length);

    /// <summary>Reads the header of a part. Blocks.</summary>
    /// <exception cref="IOException">The message cannot be read.</exception>
    public static HeaderOctets Read(MimePart part, MessageContent content)
    {
        int stored = (int)Math.Clamp(part.BodyOffset - part.HeaderOffset, 0, MaxStoredOctets);
        byte[] buffer = ArrayPool<byte>.Shared.Rent(2 * stored); // All of it line ends, each of them one octet as stored.
        using Stream wire = content.OpenWire(part.HeaderOffset, stored);
        int length = 0;
        while (wire.Read(buffer.AsSpan(length)) is var read and > 0)
            length += read;
        return new(buffer, length);
    }

    public void Dispose() => ArrayPool<byte>.Shared.Return(_buffer);
}
