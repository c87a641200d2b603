using System.Buffers;
using System.Text;

namespace FullStack.Smtp.Server;

/// <summary>
/// Lets a message's header through, counts its Received fields, and on submission adds the fields that are missing at
/// its end. Keeps back no more than the name of the field that is just coming.
/// </summary>
/// <remarks>
/// RFC 5322 §2.2; completion RFC 6409 §8. The header ends at the first empty line or before the first line that is no
/// field; in the second case an empty line is put there if anything is added, so that the rest stays the body.
/// </remarks>
internal sealed class HeaderPass(HeaderCompletion? completion)
{
    /// <summary>Longest field name kept back; a longer one is none.</summary>
    private const int MaxNameOctets = 200;

    private readonly byte[] _held = new byte[MaxNameOctets + 2];
    private int _heldOctets;
    private int _nameOctets;
    private State _state = State.LineStart;
    private bool _anyLine;
    private bool _hasDate;
    private bool _hasFrom;
    private bool _hasMessageId;

    private enum State
    {
        LineStart,
        Name,

        /// <summary>White space between name and colon (RFC 5322 §4.5, obsolete).</summary>
        NameSpace,
        Value,

        /// <summary>A CR at the start of a line: the empty line, if LF follows.</summary>
        EmptyLine,
        Body,
    }

    /// <summary>The header is over: what comes now may go past this object.</summary>
    public bool IsOver => _state == State.Body;

    /// <summary>Octets at the end of what the push wrote that ended the header, which belong to the body.</summary>
    public int BodyOctets { get; private set; }

    public int ReceivedFields { get; private set; }

    /// <summary>What its fields ask of us; complete once it is over.</summary>
    public HeaderNotes Notes { get; } = new();

    /// <summary>Takes the next piece of the message, in any size.</summary>
    public void Push(ReadOnlySpan<byte> octets, IBufferWriter<byte> output)
    {
        while (!octets.IsEmpty)
        {
            if (_state == State.Body)
            {
                output.Write(octets);
                BodyOctets += octets.Length;
                return;
            }

            if (_state == State.Value)
            {
                int end = octets.IndexOf((byte)'\n') + 1;
                int length = end == 0 ? octets.Length : end;
                output.Write(octets[..length]);
                Notes.Add(octets[..length]);
                octets = octets[length..];
                if (end != 0)
                    _state = State.LineStart;
                continue;
            }

            Step(octets[0], output);
            octets = octets[1..];
        }
    }

    /// <summary>Ends the message, which may have had no body.</summary>
    public void Complete(IBufferWriter<byte> output)
    {
        if (_state == State.Body)
            return;
        Add(output);
        Flush(output);
        _state = State.Body;
    }

    private void Step(byte octet, IBufferWriter<byte> output)
    {
        bool isFieldText = octet is > 0x20 and < 0x7F and not (byte)':';
        bool isSpace = octet is (byte)' ' or (byte)'\t';
        switch (_state)
        {
            case State.LineStart when isSpace && _anyLine:
                Release(State.Value, octet, output);
                break;
            case State.LineStart when octet == '\r':
                Hold(State.EmptyLine, octet);
                break;
            case State.LineStart or State.Name when isFieldText && _heldOctets < MaxNameOctets:
                Hold(State.Name, octet);
                _nameOctets = _heldOctets;
                break;
            case State.Name or State.NameSpace when octet == ':':
                NoteField();
                Release(State.Value, octet, output);
                break;
            case State.Name or State.NameSpace when isSpace && _heldOctets < MaxNameOctets:
                Hold(State.NameSpace, octet);
                break;
            case State.NameSpace when isFieldText && !_anyLine && Ascii.Equals(_held.AsSpan(0, _nameOctets), "From"u8):
                Release(State.Value, octet, output); // an mbox separator that a client left in front
                break;
            case State.EmptyLine when octet == '\n':
                Add(output);
                Release(State.Body, octet, output);
                break;
            default:
                if (Add(output))
                    output.Write("\r\n"u8);
                BodyOctets = _heldOctets + 1;
                Release(State.Body, octet, output);
                break;
        }
    }

    private void Hold(State next, byte octet)
    {
        _held[_heldOctets++] = octet;
        _state = next;
    }

    private void Release(State next, byte octet, IBufferWriter<byte> output)
    {
        Hold(next, octet);
        Flush(output);
        _anyLine = true;
    }

    private void Flush(IBufferWriter<byte> output)
    {
        output.Write(_held.AsSpan(0, _heldOctets));
        _heldOctets = 0;
    }

    private void NoteField()
    {
        ReadOnlySpan<byte> name = _held.AsSpan(0, _nameOctets);
        Notes.Begin(name);
        if (Ascii.EqualsIgnoreCase(name, "Received"u8))
            ReceivedFields++;
        _hasDate |= Ascii.EqualsIgnoreCase(name, "Date"u8);
        _hasFrom |= Ascii.EqualsIgnoreCase(name, "From"u8);
        _hasMessageId |= Ascii.EqualsIgnoreCase(name, "Message-ID"u8);
    }

    private bool Add(IBufferWriter<byte> output)
    {
        Notes.End();
        if (completion is null || (_hasDate && _hasFrom && _hasMessageId))
            return false;
        if (!_hasDate)
            Write($"Date: {completion.Date}\r\n", output);
        if (!_hasFrom)
            Write($"From: {completion.From}\r\n", output);
        if (!_hasMessageId)
            Write($"Message-ID: {completion.MessageId}\r\n", output);
        return true;
    }

    private static void Write(string text, IBufferWriter<byte> output) => Encoding.UTF8.GetBytes(text, output);
}

/// <summary>Values for fields that a submitted message should have and lacks.</summary>
/// <remarks>RFC 6409 §8.2 and §8.3; RFC 5322 §3.6 requires Date and From.</remarks>
internal sealed record HeaderCompletion(string Date, string From, string MessageId);
