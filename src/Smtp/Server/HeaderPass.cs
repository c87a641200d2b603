using System.Buffers;
using System.Text;

namespace FullStack.Smtp.Server;

/// <summary>
/// Lets a message's header through, counts its Received fields, and on submission leaves out what is withheld and adds what is missing at
/// its end. Keeps back no more than the name of the field that is just coming.
/// </summary>
/// <remarks>
/// RFC 5322 §2.2; completion RFC 6409 §8. The header ends at the first empty line or before the first line that is no
/// field; in the second case an empty line is put there if anything is added, so that the rest stays the body.
/// </remarks>
/// <param name="submitted">Looks at the fields; null where the message is not submitted.</param>
/// <param name="validSince">Keeps back the fields that ask since when recipients are known; null: they are as any other.</param>
internal sealed class HeaderPass(SubmittedHeader? submitted = null, ValidSinceFields? validSince = null)
{
    /// <summary>Longest field name kept back; a longer one is none.</summary>
    private const int MaxNameOctets = 200;

    private readonly byte[] _held = new byte[MaxNameOctets + 2];
    private int _heldOctets;
    private int _nameOctets;
    private State _state = State.LineStart;
    private bool _anyLine;
    private bool _isWithheld;
    private bool _hasEmptyLine;

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
                PassValue(octets[..length], output);
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
        End();
        BodyOctets = _heldOctets;
        Flush(output);
        _state = State.Body;
    }

    /// <summary>Adds fields at the header's end, once it is over.</summary>
    /// <param name="fields">Whole lines.</param>
    /// <param name="output">What was written by the push that ended the header, or by <see cref="Complete"/>.</param>
    public void AddFields(ReadOnlySpan<byte> fields, ArrayBufferWriter<byte> output)
    {
        if (fields.IsEmpty)
            return;
        byte[] written = output.WrittenSpan.ToArray();
        int end = written.Length - BodyOctets - (_hasEmptyLine ? 2 : 0);
        output.ResetWrittenCount();
        output.Write(written.AsSpan(0, end));
        output.Write(fields);
        bool needsEmptyLine = !_hasEmptyLine && BodyOctets > 0;
        if (needsEmptyLine)
            output.Write("\r\n"u8);
        _hasEmptyLine |= needsEmptyLine;
        output.Write(written.AsSpan(end));
    }

    private void Step(byte octet, IBufferWriter<byte> output)
    {
        bool isFieldText = octet is > 0x20 and < 0x7F and not (byte)':';
        bool isSpace = octet is (byte)' ' or (byte)'\t';
        switch (_state)
        {
            case State.LineStart when isSpace && _anyLine:
                PassValue([octet], output);
                _state = State.Value;
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
                End();
                _hasEmptyLine = true;
                Release(State.Body, octet, output);
                break;
            default:
                End();
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
        if (!_isWithheld)
            output.Write(_held.AsSpan(0, _heldOctets));
        _heldOctets = 0;
    }

    private void PassValue(ReadOnlySpan<byte> octets, IBufferWriter<byte> output)
    {
        if (!_isWithheld)
            output.Write(octets);
        Notes.Add(octets);
        submitted?.Add(octets);
        validSince?.Add(octets);
    }

    private void NoteField()
    {
        ReadOnlySpan<byte> name = _held.AsSpan(0, _nameOctets);
        Notes.Begin(name);
        if (Ascii.EqualsIgnoreCase(name, "Received"u8))
            ReceivedFields++;
        _isWithheld = validSince?.Begin(name) ?? false;
        _isWithheld |= submitted?.Begin(name) ?? false;
    }

    private void End()
    {
        Notes.End();
        _isWithheld = false;
    }
}
