using System.Buffers;

namespace FullStack.Smtp.Client;

/// <summary>Makes a message fit to leave: every line end CRLF, no NUL, the last line ended; for DATA also the dots. Pieces may be cut anywhere.</summary>
/// <remarks>
/// RFC 5321 §2.3.8, §4.5.2. What another host could take for the end of the message, or for a command, never leaves this one, however it came to be in a
/// message here. CRs in a row up to an LF are one line end, as where messages come in; a NUL is left out before anything else
/// is looked at, so that nothing new arises from what stood around it. Edges: LineStart −other→ Text; any −CR→ Cr; any −LF→ LineStart;
/// Cr −other→ LineStart, and on from there.
/// </remarks>
/// <param name="isStuffed">A dot at the start of a line is doubled, as DATA needs it.</param>
public sealed class OutgoingText(bool isStuffed)
{
    private static readonly SearchValues<byte> Special = SearchValues.Create("\r\n\0"u8);

    private State _state = State.LineStart;

    private enum State
    {
        LineStart,
        Text,
        Cr,
    }

    /// <summary>Takes the next piece.</summary>
    public void Push(ReadOnlySpan<byte> input, IBufferWriter<byte> output)
    {
        while (!input.IsEmpty)
        {
            int run = input.IndexOfAny(Special);
            if (run < 0)
                run = input.Length;
            if (run > 0)
            {
                BeginText(input[0], output);
                output.Write(input[..run]);
                input = input[run..];
                continue;
            }

            Step(input[0], output);
            input = input[1..];
        }
    }

    /// <summary>Ends the message; an empty one stays empty.</summary>
    public void Complete(IBufferWriter<byte> output)
    {
        if (_state != State.LineStart)
            EndLine(output);
    }

    private void BeginText(byte first, IBufferWriter<byte> output)
    {
        if (_state == State.Cr)
            EndLine(output);
        if (_state == State.LineStart && first == '.' && isStuffed)
            output.Write("."u8);
        _state = State.Text;
    }

    private void Step(byte octet, IBufferWriter<byte> output)
    {
        if (octet == '\n')
            EndLine(output);
        else if (octet == '\r')
            _state = State.Cr;
    }

    private void EndLine(IBufferWriter<byte> output)
    {
        output.Write("\r\n"u8);
        _state = State.LineStart;
    }
}
