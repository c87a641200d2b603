using System.Buffers;

namespace FullStack.Smtp.Server;

/// <summary>Looks after the line ends of a message on its way in; after DATA also takes the dots out and finds its end. Pieces may be cut anywhere.</summary>
/// <remarks>
/// RFC 5321 §4.5.2; what BDAT brings has no dots and no end but its count (RFC 3030 §2). Only CRLF "." CRLF ends a message, and only CRLF begins a line: a server that takes a bare LF for one
/// can be made to see two messages where its neighbour saw one. Lines may be of any length (RFC 5321 §4.5.3.1.6 asks for
/// 1,000 octets at least). Edges: LineStart −"."→ Dot −CR→ DotCr −LF→ End; LineStart, Dot −other→ Text; any −CR→ Cr
/// −LF→ LineStart; a bare CR or LF leads to Text. Where bare line ends are normalised, CRs in a row up to an LF are one line end.
/// </remarks>
/// <param name="bareLineEnds">What becomes of a CR or LF alone.</param>
/// <param name="isStuffed">Whether dots were put in, and one alone in a line is the end.</param>
internal sealed class IncomingText(BareLineEnds bareLineEnds, bool isStuffed = true)
{
    private static readonly SearchValues<byte> Special = SearchValues.Create("\r\n\0"u8);

    private readonly State _afterLine = isStuffed ? State.LineStart : State.Text;
    private State _state = isStuffed ? State.LineStart : State.Text;

    private enum State
    {
        LineStart,
        Text,
        Cr,
        Dot,
        DotCr,
        End,
    }

    /// <summary>A CR without LF, or an LF without CR, has come.</summary>
    public bool SawBareLineEnd { get; private set; }

    /// <summary>A NUL has come.</summary>
    public bool SawNul { get; private set; }

    /// <summary>Takes the next piece.</summary>
    /// <param name="input">As it came.</param>
    /// <param name="output">Gets the message's own octets; at most twice those of the input and two.</param>
    /// <param name="consumed">Octets of the input that belong to the message and its end.</param>
    /// <returns>Whether the message has ended.</returns>
    public bool Push(ReadOnlySpan<byte> input, IBufferWriter<byte> output, out int consumed)
    {
        Span<byte> target = output.GetSpan((input.Length * 2) + 2);
        int written = 0;
        consumed = 0;
        while (consumed < input.Length && _state != State.End)
        {
            if (_state is State.Text or State.LineStart && input[consumed] != '.')
            {
                ReadOnlySpan<byte> rest = input[consumed..];
                int run = rest.IndexOfAny(Special);
                if (run < 0)
                    run = rest.Length;
                if (run > 0)
                {
                    rest[..run].CopyTo(target[written..]);
                    written += run;
                    consumed += run;
                    _state = State.Text;
                    continue;
                }
            }

            written += Step(input[consumed++], target[written..]);
        }

        output.Advance(written);
        return _state == State.End;
    }

    /// <summary>Ends a message that nothing in it ends: a CR that came last stays without its LF.</summary>
    public void Complete(IBufferWriter<byte> output)
    {
        if (_state == State.Cr)
            output.Advance(Bare((byte)'\r', output.GetSpan(2)));
        _state = State.End;
    }

    private int Step(byte octet, Span<byte> target) => octet switch
    {
        (byte)'\n' => LineFeed(target),
        (byte)'\r' => CarriageReturn(target),
        _ => Other(octet, target),
    };

    private int LineFeed(Span<byte> target)
    {
        switch (_state)
        {
            case State.DotCr:
                _state = State.End;
                return 0;
            case State.Cr:
                _state = _afterLine;
                return LineEnd(target);
            default:
                _state = State.Text;
                return Bare((byte)'\n', target);
        }
    }

    private int CarriageReturn(Span<byte> target)
    {
        switch (_state)
        {
            case State.Dot:
                _state = State.DotCr;
                return 0;
            case State.Cr or State.DotCr:
                _state = State.Cr;
                SawBareLineEnd = true;
                if (bareLineEnds == BareLineEnds.Normalise)
                    return 0; // one of several CRs: the last of them decides
                target[0] = (byte)'\r';
                return 1;
            default:
                _state = State.Cr;
                return 0;
        }
    }

    private int Other(byte octet, Span<byte> target)
    {
        int written = _state is State.Cr or State.DotCr ? Bare((byte)'\r', target) : 0;
        if (octet == 0)
            SawNul = true;
        if (octet == '.' && _state == State.LineStart)
        {
            _state = State.Dot;
            return written;
        }

        _state = State.Text;
        target[written] = octet;
        return written + 1;
    }

    private int Bare(byte octet, Span<byte> target)
    {
        SawBareLineEnd = true;
        if (bareLineEnds == BareLineEnds.Normalise)
            return LineEnd(target);
        target[0] = octet;
        return 1;
    }

    private static int LineEnd(Span<byte> target)
    {
        "\r\n"u8.CopyTo(target);
        return 2;
    }
}
