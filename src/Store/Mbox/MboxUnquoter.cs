namespace FullStack.Store.Mbox;

/// <summary>Takes one <c>&gt;</c> from each line that <see cref="MboxQuoting"/> knows as quoted, in pieces of any size. A copy goes on from where it was made.</summary>
internal struct MboxUnquoter
{
    /// <summary>Octets that a piece can give on top of those it takes: one mark and a part of <c>From </c> held back before.</summary>
    public const int MaxHeld = 6;

    private bool _inLine;
    private int _marks;
    private int _matched;

    /// <summary>Converts a piece.</summary>
    /// <param name="input">Octets as they lie in the file.</param>
    /// <param name="output">Takes the text: room for the input and <see cref="MaxHeld"/> more.</param>
    /// <returns>Octets put into <paramref name="output"/>.</returns>
    public int Push(ReadOnlySpan<byte> input, Span<byte> output)
    {
        int written = 0;
        while (!input.IsEmpty)
        {
            if (_inLine)
            {
                int feed = input.IndexOf((byte)'\n');
                int run = feed < 0 ? input.Length : feed + 1;
                input[..run].CopyTo(output[written..]);
                written += run;
                input = input[run..];
                _inLine = feed < 0;
                continue;
            }

            byte octet = input[0];
            if (octet == '>' && _matched == 0 && _marks < MboxQuoting.MaxMarks)
            {
                // Of the run of marks the last one seen is held back.
                if (_marks++ > 0)
                    output[written++] = octet;
                input = input[1..];
            }
            else if (_marks > 0 && octet == FromLine.Prefix[_matched])
            {
                input = input[1..];
                if (++_matched < FromLine.Prefix.Length)
                    continue;
                FromLine.Prefix.CopyTo(output[written..]);
                written += FromLine.Prefix.Length;
                (_marks, _matched, _inLine) = (0, 0, true);
            }
            else
            {
                written += Release(output[written..]);
                _inLine = true;
            }
        }

        return written;
    }

    /// <summary>Gives out what was held back, at the end of the message.</summary>
    public int Complete(Span<byte> output) => Release(output);

    private int Release(Span<byte> output)
    {
        int written = 0;
        if (_marks > 0)
            output[written++] = (byte)'>';
        FromLine.Prefix[.._matched].CopyTo(output[written..]);
        written += _matched;
        (_marks, _matched) = (0, 0);
        return written;
    }
}
