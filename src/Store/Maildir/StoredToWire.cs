using FullStack.Store.Posix;
using Microsoft.Win32.SafeHandles;

namespace FullStack.Store.Maildir;

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
