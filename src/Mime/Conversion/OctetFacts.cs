using System.Buffers;

namespace FullStack.Mime.Conversion;

/// <summary>What stands in the way of octets, taken in any pieces.</summary>
internal struct OctetFacts
{
    /// <summary>RFC 5322 §2.1.1: octets of a line without its end.</summary>
    private const int MaxLineOctets = 998;

    private static readonly SearchValues<byte> LineEnds = SearchValues.Create("\r\n"u8);

    private long _lineOctets;
    private bool _afterCr;
    private bool _isBroken;

    public bool HasEightBit { get; private set; }

    public bool HasNul { get; private set; }

    /// <summary>A CR or LF without the other, or a line that is too long.</summary>
    public readonly bool HasBrokenLines => _isBroken || _afterCr || _lineOctets > MaxLineOctets;

    /// <summary>Whether the octets are unfit as they are.</summary>
    public readonly bool IsUnfitFor(TransferTarget target) => HasNul || HasBrokenLines || (HasEightBit && target == TransferTarget.SevenBit);

    public void Add(ReadOnlySpan<byte> octets)
    {
        HasEightBit = HasEightBit || octets.ContainsAnyInRange((byte)0x80, (byte)0xFF);
        HasNul = HasNul || octets.Contains((byte)0);
        while (!octets.IsEmpty && !_isBroken)
        {
            if (_afterCr)
            {
                _isBroken = octets[0] != '\n';
                _afterCr = false;
                _lineOctets = 0;
                octets = octets[1..];
                continue;
            }

            int end = octets.IndexOfAny(LineEnds);
            _lineOctets += end < 0 ? octets.Length : end;
            if (end < 0)
                return;
            _isBroken = octets[end] == '\n' || _lineOctets > MaxLineOctets;
            _afterCr = octets[end] == '\r';
            octets = octets[(end + 1)..];
        }
    }
}
