using System.Buffers;

namespace FullStack.Net;

/// <summary>Keeps the end of a line that is too long and thrown away.</summary>
internal static class LineTail
{
    private const int KeptOctets = LineFrame.TailOctets + 1; // one more for the CR, which the frame is without

    /// <summary>The end of what was thrown away so far together with what is thrown away now.</summary>
    public static byte[] Of(byte[] before, ReadOnlySequence<byte> octets)
    {
        byte[] last = octets.Slice(Math.Max(0, octets.Length - KeptOctets)).ToArray();
        return [.. before.AsSpan(Math.Max(0, before.Length + last.Length - KeptOctets)), .. last];
    }

    /// <summary>The frame of a line that ended so.</summary>
    public static LineFrame TooLong(byte[] tail)
    {
        ReadOnlyMemory<byte> line = tail is [.., (byte)'\r'] ? tail.AsMemory(0, tail.Length - 1) : tail;
        return new(FrameStatus.TooLong, line[Math.Max(0, line.Length - LineFrame.TailOctets)..]);
    }
}
