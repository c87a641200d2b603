namespace FullStack.Server.Cli.Sendmail;

/// <summary>A message on standard input, as programs write it: lines that end in LF or CRLF, the end of the input or a dot alone at its end.</summary>
/// <remarks>NULs are left out: no mail may have them, and what a program prints by mistake is better sent without them than not at all.</remarks>
internal sealed class SendmailInput(Stream input, bool ignoresDots)
{
    private const int PieceOctets = 64 * 1024;

    private readonly byte[] _read = new byte[PieceOctets];
    private readonly byte[] _line = new byte[PieceOctets];
    private int _start;
    private int _end;
    private bool _atLineStart = true;
    private bool _isOver;

    /// <summary>The next line with its end, or a part of one that is very long; empty at the end. It holds until the next call.</summary>
    public async ValueTask<ReadOnlyMemory<byte>> NextAsync(CancellationToken ct)
    {
        int length = 0;
        while (!_isOver && length < _line.Length && (length == 0 || _line[length - 1] != '\n'))
        {
            if (_start == _end)
            {
                (_start, _end) = (0, await input.ReadAsync(_read, ct));
                _isOver = _end == 0;
            }

            length += Take(_line.AsSpan(length));
        }

        ReadOnlyMemory<byte> line = _line.AsMemory(0, length);
        if (_atLineStart && !ignoresDots && IsDot(line.Span))
        {
            _isOver = true;
            line = default;
        }

        _atLineStart = length > 0 && _line[length - 1] == '\n';
        return line;
    }

    /// <summary>Moves octets up to the end of a line.</summary>
    private int Take(Span<byte> line)
    {
        ReadOnlySpan<byte> rest = _read.AsSpan(_start, Math.Min(line.Length, _end - _start));
        int found = rest.IndexOf((byte)'\n') + 1;
        rest = found == 0 ? rest : rest[..found];
        _start += rest.Length;
        int length = 0;
        while (!rest.IsEmpty)
        {
            int nul = rest.IndexOf((byte)0);
            ReadOnlySpan<byte> part = nul < 0 ? rest : rest[..nul];
            part.CopyTo(line[length..]);
            length += part.Length;
            rest = nul < 0 ? [] : rest[(nul + 1)..];
        }

        return length;
    }

    private static bool IsDot(ReadOnlySpan<byte> line) => line.SequenceEqual(".\n"u8) || line.SequenceEqual(".\r\n"u8) || line.SequenceEqual("."u8);
}
