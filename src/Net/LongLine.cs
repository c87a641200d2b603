using System.Buffers;

namespace FullStack.Net;

/// <summary>What is kept of a line that is too long while the rest of it is thrown away: how it started and how it ended.</summary>
internal sealed class LongLine
{
    private readonly List<byte> _start = new(LineFrame.StartOctets);
    private byte[] _tail = [];

    /// <summary>Octets thrown away so far.</summary>
    public long Octets { get; private set; }

    /// <summary>Takes the next piece of the line, without the line feed.</summary>
    public void Add(ReadOnlySequence<byte> piece)
    {
        const int kept = LineFrame.TailOctets + 1; // room for a CR
        _start.AddRange(piece.Slice(0, Math.Min(piece.Length, LineFrame.StartOctets - _start.Count)).ToArray());
        byte[] last = piece.Slice(Math.Max(0, piece.Length - kept)).ToArray();
        _tail = [.. _tail.AsSpan(Math.Max(0, _tail.Length + last.Length - kept)), .. last];
        Octets += piece.Length;
    }

    /// <summary>The whole line has come.</summary>
    public LineFrame ToFrame()
    {
        ReadOnlyMemory<byte> line = _tail is [.., (byte)'\r'] ? _tail.AsMemory(0, _tail.Length - 1) : _tail;
        return new(FrameStatus.TooLong, line[Math.Max(0, line.Length - LineFrame.TailOctets)..]) { Start = _start.ToArray() };
    }
}
