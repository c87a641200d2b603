using FullStack.Store.Posix;
using Microsoft.Win32.SafeHandles;

namespace FullStack.Store.Maildir;

/// <summary>
/// Turns line ends as they come on the wire into line ends as stored, in pieces of any size, and counts what the stored
/// octets will be on the wire.
/// </summary>
/// <remarks>
/// CRLF becomes LF. A CR before a CRLF would make the stored CR LF look like one line end, so there the CRLF stays: only
/// thus does every message come out as it went in. Bare CR and LF stay.
/// </remarks>
internal sealed class WireToStored
{
    private int _heldReturns;
    private bool _endsWithReturn;

    /// <summary>Octets given out so far.</summary>
    public long StoredOctets { get; private set; }

    /// <summary>What they will be when each line end is CRLF.</summary>
    public long WireOctets { get; private set; }

    /// <summary>Most octets that <see cref="Push"/> can give out for so many taken: CRs held back come on top.</summary>
    public int MaxOutput(int input) => input + _heldReturns;

    /// <summary>Converts a piece.</summary>
    /// <returns>Octets put into <paramref name="output"/>.</returns>
    public int Push(ReadOnlySpan<byte> input, Span<byte> output)
    {
        int written = 0;
        while (!input.IsEmpty)
        {
            if (_heldReturns == 0 && input.IndexOf((byte)'\r') is var clean and not 0)
            {
                ReadOnlySpan<byte> run = clean < 0 ? input : input[..clean];
                run.CopyTo(output[written..]);
                written += run.Length;
                WireOctets += run.Length + run.Count((byte)'\n');
                input = input[run.Length..];
                continue;
            }

            byte octet = input[0];
            input = input[1..];
            if (octet == '\r' && _heldReturns < 2)
                _heldReturns++;
            else if (octet == '\r')
            {
                // Two are enough to know what a following LF means.
                output[written++] = octet;
                WireOctets++;
            }
            else
            {
                written += Release(octet == '\n', output[written..]);
                output[written++] = octet;
                WireOctets += octet == '\n' && _endsWithReturn ? 1 : octet == '\n' ? 2 : 1;
                _endsWithReturn = false;
            }
        }

        StoredOctets += written;
        return written;
    }

    /// <summary>Gives out CRs at the very end of the message.</summary>
    public int Complete(Span<byte> output)
    {
        int written = Release(beforeLineFeed: false, output);
        StoredOctets += written;
        return written;
    }

    private int Release(bool beforeLineFeed, Span<byte> output)
    {
        int returns = beforeLineFeed && _heldReturns == 1 ? 0 : _heldReturns;
        output[..returns].Fill((byte)'\r');
        WireOctets += returns;
        _endsWithReturn = returns > 0;
        _heldReturns = 0;
        return returns;
    }
}

/// <summary>Turns stored octets into octets on the wire: an LF without CR before it becomes CRLF.</summary>
internal static class StoredToWire
{
    /// <summary>Converts as much as fits.</summary>
    /// <param name="input">Stored octets.</param>
    /// <param name="output">Takes octets on the wire.</param>
    /// <param name="afterReturn">Whether the octet before <paramref name="input"/> is a CR; on return, whether the last one taken is.</param>
    /// <param name="written">Octets put into <paramref name="output"/>.</param>
    /// <returns>Octets taken from <paramref name="input"/>.</returns>
    public static int Convert(ReadOnlySpan<byte> input, Span<byte> output, ref bool afterReturn, out int written)
    {
        int taken = 0;
        written = 0;
        while (taken < input.Length && written < output.Length)
        {
            ReadOnlySpan<byte> rest = input[taken..];
            int line = rest.IndexOf((byte)'\n');
            int run = Math.Min(line < 0 ? rest.Length : line, output.Length - written);
            if (run > 0)
            {
                rest[..run].CopyTo(output[written..]);
                afterReturn = rest[run - 1] == '\r';
                taken += run;
                written += run;
                continue;
            }

            if (!afterReturn)
            {
                if (output.Length - written < 2)
                    break;
                output[written++] = (byte)'\r';
            }

            output[written++] = (byte)'\n';
            taken++;
            afterReturn = false;
        }

        return taken;
    }

    /// <summary>Counts what a stored file is on the wire.</summary>
    public static FileError Count(IMaildirFiles files, SafeFileHandle file, out long wireOctets)
    {
        byte[] buffer = System.Buffers.ArrayPool<byte>.Shared.Rent(64 * 1024);
        bool afterReturn = false;
        wireOctets = 0;
        try
        {
            for (long offset = 0; ;)
            {
                FileError read = files.Read(file, buffer, offset, out int count);
                if (read != FileError.None || count == 0)
                    return read;
                wireOctets += CountWire(buffer.AsSpan(0, count), ref afterReturn);
                offset += count;
            }
        }
        finally
        {
            System.Buffers.ArrayPool<byte>.Shared.Return(buffer);
        }
    }

    private static long CountWire(ReadOnlySpan<byte> octets, ref bool afterReturn)
    {
        long count = octets.Length;
        bool before = afterReturn;
        for (int at = 0; at < octets.Length;)
        {
            int line = octets[at..].IndexOf((byte)'\n');
            if (line < 0)
                break;
            int feed = at + line;
            if (!(feed == 0 ? before : octets[feed - 1] == '\r'))
                count++;
            at = feed + 1;
        }

        if (!octets.IsEmpty)
            afterReturn = octets[^1] == '\r';
        return count;
    }
}
