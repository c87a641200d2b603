using System.Buffers;
using System.Text;
using FullStack.Mime;
using FullStack.Store.Mailboxes;
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
    /// <param name="files">The file system.</param>
    /// <param name="file">The file.</param>
    /// <param name="octets">Its length when it was opened, which saves asking whether there is more.</param>
    /// <param name="length">What it is on the wire.</param>
    /// <remarks>That POP3 sends just that is known of a message that is ASCII as a whole, and of a short one whose headers are.</remarks>
    public static FileError Count(IMaildirFiles files, SafeFileHandle file, long octets, out WireLength length)
    {
        byte[] buffer = ArrayPool<byte>.Shared.Rent(64 * 1024);
        bool afterReturn = false, isPlain = true, endsLine = true;
        long wireOctets = 0, stored = 0;
        int pieces = 0, count;
        try
        {
            FileError read = FileError.None;
            for (; stored < octets && (read = files.Read(file, buffer, stored, out count)) == FileError.None && count > 0; stored += count, pieces++)
            {
                ReadOnlySpan<byte> piece = buffer.AsSpan(0, count);
                isPlain = isPlain && Ascii.IsValid(piece);
                endsLine = piece[^1] == '\n';
                wireOctets += CountWire(piece, ref afterReturn);
            }

            if (!isPlain && pieces == 1)
                isPlain = MessageParser.HasAsciiHeaders(buffer.AsSpan(0, (int)stored));
            length = new(wireOctets, isPlain && endsLine);
            return read;
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(buffer);
        }
    }

    private static long CountWire(ReadOnlySpan<byte> octets, ref bool afterReturn)
    {
        long wire = WireText.Count(octets) - (afterReturn && octets[0] == '\n' ? 1 : 0);
        afterReturn = octets[^1] == '\r';
        return wire;
    }
}
