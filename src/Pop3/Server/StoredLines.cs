using System.Buffers;

namespace FullStack.Pop3.Server;

/// <summary>Writes a stored message as POP3 sends it, in one pass: line ends as CRLF, dots at the start of lines doubled, and the lone dot at the end.</summary>
/// <remarks>RFC 1939 §3. <see cref="DotStuffer"/> does the same to a message that comes in pieces.</remarks>
internal static class StoredLines
{
    /// <summary>Octets beside the line itself: a dot and CRLF.</summary>
    private const int Overhead = 3;

    public static void Write(ReadOnlySpan<byte> stored, IBufferWriter<byte> output)
    {
        Span<byte> room = output.GetSpan();
        int used = 0;
        while (!stored.IsEmpty)
        {
            int end = stored.IndexOf((byte)'\n');
            ReadOnlySpan<byte> line = end < 0 ? stored : stored[..end];
            stored = end < 0 ? default : stored[(end + 1)..];
            if (line.Length > 0 && line[^1] == (byte)'\r')
                line = line[..^1];
            bool hasDot = line.Length > 0 && line[0] == (byte)'.';
            if (room.Length - used < line.Length + Overhead)
            {
                output.Advance(used);
                used = 0;
                room = output.GetSpan(Overhead);
                if (room.Length < line.Length + Overhead)
                {
                    // A line longer than the blocks of the output goes out in pieces.
                    output.Write(hasDot ? "."u8 : ""u8);
                    output.Write(line);
                    output.Write("\r\n"u8);
                    room = output.GetSpan();
                    continue;
                }
            }

            if (hasDot)
                room[used++] = (byte)'.';
            line.CopyTo(room[used..]);
            used += line.Length;
            room[used++] = (byte)'\r';
            room[used++] = (byte)'\n';
        }

        output.Advance(used);
        output.Write(".\r\n"u8);
    }
}
