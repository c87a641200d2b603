using System.Diagnostics.CodeAnalysis;
using System.Text;
using System.Text.Unicode;

namespace FullStack.Pop3.Grammar;

/// <summary>Reads one command line: <c>keyword *(SP param)</c>, RFC 2449 §3.</summary>
/// <remarks>Each TryRead consumes what it read, or nothing. Strict: one space between words, none at the end.</remarks>
internal ref struct Pop3Reader(ReadOnlySpan<byte> line)
{
    private readonly ReadOnlySpan<byte> _line = line;

    /// <summary>The octet that is read next, counted from 0.</summary>
    public int Position { get; private set; }

    private readonly ReadOnlySpan<byte> Rest => _line[Position..];

    /// <summary>Reads up to the first space or the end. May be empty.</summary>
    public ReadOnlySpan<byte> ReadKeyword()
    {
        int end = Rest.IndexOf((byte)' ');
        ReadOnlySpan<byte> keyword = end < 0 ? Rest : Rest[..end];
        Position += keyword.Length;
        return keyword;
    }

    public bool TryReadSpace()
    {
        if (Rest.IsEmpty || Rest[0] != (byte)' ')
            return false;
        Position++;
        return true;
    }

    public readonly bool TryReadEnd() => Rest.IsEmpty;

    /// <summary>A message number: digits, from 1 (RFC 1939 §3). Numbers beyond any maildrop's become <see cref="int.MaxValue"/>: no such message.</summary>
    public bool TryReadMessageNumber(out int number)
    {
        int start = Position;
        if (TryReadCount(out number) && number > 0)
            return true;
        Position = start;
        return false;
    }

    /// <summary>A count: digits, from 0. Counts beyond <see cref="int.MaxValue"/> become that.</summary>
    public bool TryReadCount(out int count)
    {
        long value = 0;
        int digits = 0;
        foreach (byte octet in Rest)
        {
            if (octet is < (byte)'0' or > (byte)'9')
                break;
            value = Math.Min((value * 10) + (octet - '0'), int.MaxValue);
            digits++;
        }

        count = (int)value;
        Position += digits;
        return digits > 0;
    }

    /// <summary>One parameter: printable octets without space, or UTF-8 (RFC 6856 §2.1 opens names to it).</summary>
    public bool TryReadWord([NotNullWhen(true)] out string? word)
    {
        word = null;
        ReadOnlySpan<byte> octets = Rest;
        if (octets.IndexOf((byte)' ') is var space and >= 0)
            octets = octets[..space];
        if (octets.IsEmpty || octets.ContainsAnyInRange((byte)0, (byte)0x1F) || octets.Contains((byte)0x7F) || !Utf8.IsValid(octets))
            return false;
        word = Encoding.UTF8.GetString(octets);
        Position += octets.Length;
        return true;
    }

    /// <summary>All that is left, at least one octet, spaces and all, as PASS takes it (RFC 1939 §7): UTF-8 without NUL.</summary>
    public bool TryReadToEnd([NotNullWhen(true)] out string? text)
    {
        text = null;
        if (Rest.IsEmpty || Rest.Contains((byte)0) || !Utf8.IsValid(Rest))
            return false;
        text = Encoding.UTF8.GetString(Rest);
        Position = _line.Length;
        return true;
    }
}
