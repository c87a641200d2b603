using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using System.Text;

namespace FullStack.Dns;

/// <summary>A name in DNS, absolute, in lower case.</summary>
/// <remarks>RFC 1035 §2.3.4, §3.1; comparison without case RFC 4343 §3. Names with characters beyond ASCII are kept as A-labels (RFC 5891 §4).</remarks>
public sealed class DnsName : IEquatable<DnsName>
{
    /// <summary>Longest name on the wire, lengths of labels and the last zero included.</summary>
    internal const int MaxOctets = 255;

    /// <summary>Most labels that a name of that length has.</summary>
    internal const int MaxLabels = 127;

    private const int MaxLabelOctets = 63;
    private const int MaxCharacters = 1024; // no name of 255 octets has more, in any script

    private readonly byte[] _wire;
    private readonly string _text;

    private DnsName(byte[] wire)
    {
        _wire = wire;
        _text = TextOf(wire);
    }

    /// <summary>The root: what a null MX (RFC 7505) names.</summary>
    public static DnsName Root { get; } = new([0]);

    public bool IsRoot => _wire.Length == 1;

    /// <summary>Labels with their lengths before them, and the zero at the end.</summary>
    internal ReadOnlySpan<byte> Wire => _wire;

    /// <summary>Reads a name as people and configuration files write it, with or without the dot at its end.</summary>
    /// <returns>False where no such name can be in DNS: an empty or too long label, a name that is too long, characters that no name has.</returns>
    public static bool TryParse(string text, [NotNullWhen(true)] out DnsName? name)
    {
        name = null;
        if (text.Length is 0 or > MaxCharacters)
            return false;
        if (text == ".")
        {
            name = Root;
            return true;
        }

        if (!Ascii.IsValid(text))
        {
            if (!TryToAscii(text, out string? ascii))
                return false;
            text = ascii;
        }

        ReadOnlySpan<char> rest = text.EndsWith('.') ? text.AsSpan(0, text.Length - 1) : text;
        Span<byte> wire = stackalloc byte[MaxOctets];
        int length = 0;
        while (true)
        {
            int dot = rest.IndexOf('.');
            ReadOnlySpan<char> label = dot < 0 ? rest : rest[..dot];
            if (label.Length is 0 or > MaxLabelOctets || length + label.Length + 2 > MaxOctets)
                return false;
            wire[length++] = (byte)label.Length;
            foreach (char c in label)
            {
                if (c is <= ' ' or >= (char)0x7F or '\\')
                    return false;
                wire[length++] = Lower((byte)c);
            }

            if (dot < 0)
                break;
            rest = rest[(dot + 1)..];
        }

        wire[length++] = 0;
        name = new(wire[..length].ToArray());
        return true;
    }

    /// <summary>The same name below further labels: <c>_25._tcp</c> before a host.</summary>
    public bool TryPrepend(string labels, [NotNullWhen(true)] out DnsName? name)
    {
        name = null;
        if (!TryParse(labels, out DnsName? front) || front._wire.Length - 1 + _wire.Length > MaxOctets)
            return false;
        name = new([.. front._wire.AsSpan(0, front._wire.Length - 1), .. _wire]);
        return true;
    }

    /// <summary>A name that was read from a message, whose labels and length have been checked.</summary>
    internal static DnsName FromWire(ReadOnlySpan<byte> wire)
    {
        if (wire.Length == 1)
            return Root;
        byte[] own = wire.ToArray();
        foreach (ref byte octet in own.AsSpan())
            octet = Lower(octet); // lengths are below 64, where no letter is
        return new(own);
    }

    public bool Equals(DnsName? other) => other is not null && _text == other._text;

    public override bool Equals(object? obj) => Equals(obj as DnsName);

    public override int GetHashCode() => _text.GetHashCode(StringComparison.Ordinal);

    /// <summary>Without the dot at the end, octets that are no plain characters as <c>\DDD</c> (RFC 1035 §5.1); the root is ".".</summary>
    public override string ToString() => _text;

    private static byte Lower(byte octet) => octet is >= (byte)'A' and <= (byte)'Z' ? (byte)(octet | 0x20) : octet;

    private static bool TryToAscii(string text, [NotNullWhen(true)] out string? ascii)
    {
        try
        {
            ascii = new IdnMapping().GetAscii(text);
            return true;
        }
        catch (ArgumentException)
        {
            ascii = null; // how IdnMapping says that a label cannot be written as an A-label
            return false;
        }
    }

    private static string TextOf(ReadOnlySpan<byte> wire)
    {
        if (wire.Length == 1)
            return ".";
        StringBuilder text = new(wire.Length);
        for (int at = 0; wire[at] != 0; at += wire[at] + 1)
        {
            if (at > 0)
                text.Append('.');
            foreach (byte octet in wire.Slice(at + 1, wire[at]))
            {
                if (octet is (byte)'.' or (byte)'\\')
                    text.Append('\\').Append((char)octet);
                else if (octet is > 0x20 and < 0x7F)
                    text.Append((char)octet);
                else
                    text.Append(CultureInfo.InvariantCulture, $"\\{octet:D3}");
            }
        }

        return text.ToString();
    }
}
