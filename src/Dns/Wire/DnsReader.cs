using System.Buffers.Binary;
using System.Diagnostics.CodeAnalysis;

namespace FullStack.Dns.Wire;

/// <summary>Reads the parts of a message; what is read stays behind <see cref="Position"/>, also where a part is not complete.</summary>
/// <remarks>RFC 1035 §4.1.</remarks>
internal ref struct DnsReader(ReadOnlySpan<byte> message)
{
    private readonly ReadOnlySpan<byte> _message = message;

    public int Position { get; set; }

    public readonly bool IsAtEnd => Position == _message.Length;

    public bool TryReadByte(out byte value)
    {
        bool ok = TryReadOctets(1, out ReadOnlySpan<byte> octets);
        value = ok ? octets[0] : (byte)0;
        return ok;
    }

    public bool TryReadUInt16(out ushort value)
    {
        bool ok = TryReadOctets(2, out ReadOnlySpan<byte> octets);
        value = ok ? BinaryPrimitives.ReadUInt16BigEndian(octets) : (ushort)0;
        return ok;
    }

    public bool TryReadUInt32(out uint value)
    {
        bool ok = TryReadOctets(4, out ReadOnlySpan<byte> octets);
        value = ok ? BinaryPrimitives.ReadUInt32BigEndian(octets) : 0;
        return ok;
    }

    public bool TryReadOctets(int count, out ReadOnlySpan<byte> octets)
    {
        octets = default;
        if (count > _message.Length - Position)
            return false;
        octets = _message.Slice(Position, count);
        Position += count;
        return true;
    }

    /// <summary>Reads a name, following where it goes on elsewhere in the message.</summary>
    /// <remarks>RFC 1035 §4.1.4: a pointer leads to a prior place. Each has to lead further back than the one before it, and no name needs more of them than it has labels, so that there is an end to them soon.</remarks>
    public bool TryReadName([NotNullWhen(true)] out DnsName? name)
    {
        name = null;
        Span<byte> labels = stackalloc byte[DnsName.MaxOctets];
        int length = 0;
        int at = Position;
        int earliest = Position;
        int end = -1;
        int pointers = 0;
        while (true)
        {
            if (at >= _message.Length)
                return false;
            int first = _message[at];
            if (first >= 0xC0)
            {
                if (at + 1 >= _message.Length)
                    return false;
                int target = ((first & 0x3F) << 8) | _message[at + 1];
                if (target >= earliest || ++pointers > DnsName.MaxLabels)
                    return false;
                end = end < 0 ? at + 2 : end;
                at = earliest = target;
                continue;
            }

            // A label, or the zero that ends the name; 0x40 and 0x80 begin kinds of labels that nobody uses (RFC 6891 §5).
            int taken = first + 1;
            int least = first == 0 ? 0 : 1; // room for the zero
            if (first > 0x3F || taken > _message.Length - at || taken + least > labels.Length - length)
                return false;
            _message.Slice(at, taken).CopyTo(labels[length..]);
            length += taken;
            at += taken;
            if (first == 0)
                break;
        }

        Position = end < 0 ? at : end;
        name = DnsName.FromWire(labels[..length]);
        return true;
    }
}
