using System.Buffers;

namespace FullStack.Mime;

/// <summary>Reads the message ids of a References, In-Reply-To or Message-ID field, one after the other.</summary>
/// <remarks>
/// RFC 5322 §3.6.4: msg-id = [CFWS] "&lt;" id-left "@" id-right "&gt;" [CFWS], with the obsolete forms of §4.5.4. Whatever else stands
/// in the field is passed over. Quotes and blanks inside an id do not count: RFC 5256 §3 has ids compared by what they mean.
/// </remarks>
public ref struct MessageIdReader(ReadOnlySpan<byte> value)
{
    /// <summary>Longest id taken as one, in octets; what is longer was not made by a mail program.</summary>
    public const int MaxOctets = 1000;

    private readonly ReadOnlySpan<byte> _value = value;
    private int _at;

    /// <summary>Reads the next id.</summary>
    /// <param name="id">Takes the id without its angle brackets; at least <see cref="MaxOctets"/> long.</param>
    /// <param name="length">Octets written.</param>
    /// <returns>False where there is none any more.</returns>
    public bool TryRead(scoped Span<byte> id, out int length)
    {
        while (_value[_at..].IndexOf((byte)'<') is var open and >= 0)
        {
            _at += open + 1;
            if (TryReadRest(id, out length))
                return true;
        }

        _at = _value.Length;
        length = 0;
        return false;
    }

    private bool TryReadRest(scoped Span<byte> id, out int length)
    {
        bool hasAt = false;
        length = 0;
        int end = Math.Min(_value.Length, _at + (2 * MaxOctets));
        for (; _at < end; _at++)
        {
            byte octet = _value[_at];
            switch (octet)
            {
                case (byte)'>':
                    _at++;
                    return hasAt && length > 1;
                case (byte)'<':
                    return false; // An unclosed bracket hides no id that follows it.
                case (byte)'"':
                    continue;
                case (byte)' ' or (byte)'\t':
                    continue;
                case (byte)'\\' when _at + 1 < end:
                    octet = _value[++_at];
                    break;
            }

            hasAt |= octet == (byte)'@';
            if (length == MaxOctets)
                return false;
            id[length++] = octet;
        }

        return false;
    }
}
