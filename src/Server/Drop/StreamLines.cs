using System.Text;

namespace FullStack.Server.Drop;

/// <summary>Reads lines from the beginning of a file whose rest is something else.</summary>
internal sealed class StreamLines(Stream file)
{
    private const int PieceOctets = 16 * 1024;
    private const int MaxLineOctets = 4096;

    private readonly byte[] _piece = new byte[PieceOctets];
    private int _start;
    private int _end;

    /// <summary>Where the next line begins.</summary>
    public long Position { get; private set; }

    /// <summary>The next line without its end; null where there is none, or it is too long.</summary>
    public string? Next()
    {
        List<byte> line = [];
        while (line.Count <= MaxLineOctets)
        {
            if (_start == _end)
                (_start, _end) = (0, file.Read(_piece));
            if (_end == 0)
                return null;
            int found = _piece.AsSpan(_start, _end - _start).IndexOf((byte)'\n');
            int taken = found < 0 ? _end - _start : found + 1;
            line.AddRange(_piece.AsSpan(_start, taken));
            _start += taken;
            Position += taken;
            if (found >= 0)
                return Encoding.UTF8.GetString([.. line]).TrimEnd('\r', '\n');
        }

        return null;
    }
}
