using FullStack.Store.Posix;
using Microsoft.Win32.SafeHandles;

namespace FullStack.Store.Mbox;

/// <summary>Looks whether a message may end at a place of an mbox.</summary>
internal sealed class MboxBoundary(IMaildirFiles files, SafeFileHandle file, long fileOctets)
{
    private readonly byte[] _octets = new byte[FromLine.MaxOctets + 4];

    /// <summary>Whether at an offset stand an empty line and a From_ line, or nothing but empty lines up to the end. Blocks.</summary>
    public bool IsAt(long offset)
    {
        if (offset >= fileOctets)
            return offset == fileOctets;
        int filled = 0;
        while (filled < _octets.Length)
        {
            if (files.Read(file, _octets.AsSpan(filled), offset + filled, out int count) != FileError.None)
                return false;
            if (count == 0)
                break;
            filled += count;
        }

        return IsBoundary(_octets.AsSpan(0, filled), atEnd: filled < _octets.Length);
    }

    /// <summary>The same of octets that were read.</summary>
    /// <param name="octets">What stands there, up to 1,004 octets of it.</param>
    /// <param name="atEnd">Whether the file ends behind them.</param>
    public static bool IsBoundary(ReadOnlySpan<byte> octets, bool atEnd)
    {
        if (atEnd && !octets.ContainsAnyExcept((byte)'\r', (byte)'\n'))
            return true;
        if (octets.StartsWith("\r\n"u8))
            octets = octets[2..];
        else if (octets.StartsWith("\n"u8))
            octets = octets[1..];
        else
            return false;
        int feed = octets.IndexOf((byte)'\n');
        if (feed < 0 && !atEnd)
            return false;
        ReadOnlySpan<byte> line = feed < 0 ? octets : octets[..feed];
        return FromLine.TryParse(line.TrimEnd((byte)'\r'), out _);
    }
}
