using System.Buffers;

namespace FullStack.Imap.Fetch;

/// <summary>Keeps some fields of a header that is pushed through it in any pieces: HEADER.FIELDS and HEADER.FIELDS.NOT.</summary>
/// <remarks>
/// <para>RFC 3501 §6.4.5: "The field-matching is case-insensitive but otherwise exact"; the blank line is always kept. White space
/// before the colon (RFC 5322 §4.5) is no part of the name. A line that is neither field nor continuation is a field that no
/// name matches.</para>
/// <para>Lines end in CRLF. Edges: LineStart → Kept or Dropped, as the field before, at SP or HTAB; → LineStartCr at CR; → Name
/// otherwise. LineStartCr → Rest at LF, → Name otherwise. Name → Kept or Dropped at colon, LF, or where it is too long to match.
/// Kept, Dropped → LineStart after LF.</para>
/// </remarks>
internal sealed class HeaderFieldFilter
{
    private enum State
    {
        LineStart,
        LineStartCr,
        Name,
        Kept,
        Dropped,
        Rest,
    }

    private readonly BodySection _section;
    private readonly FieldNameSet _names;
    private readonly byte[] _name;
    private State _state;
    private int _nameLength;
    private bool _lastKept;

    /// <param name="section">Which fields it keeps.</param>
    public HeaderFieldFilter(BodySection section)
    {
        const int SpaceBeforeColon = 16;
        _section = section;
        _names = new(section.FieldNames);
        _name = new byte[_names.Longest + SpaceBeforeColon];
        _lastKept = KeepsOthers;
    }

    /// <summary>Which fields it keeps.</summary>
    public BodySection Section => _section;

    /// <summary>Whether fields that match no name are kept.</summary>
    private bool KeepsOthers => _section.Text == SectionText.HeaderFieldsNot;

    /// <summary>Takes the next octets of the header and appends those kept.</summary>
    public void Push(ReadOnlySpan<byte> octets, IBufferWriter<byte> kept)
    {
        while (!octets.IsEmpty)
        {
            switch (_state)
            {
                case State.LineStart:
                    octets = StartLine(octets);
                    break;
                case State.LineStartCr:
                    AfterCr(octets[0], kept);
                    break;
                case State.Name:
                    octets = TakeName(octets, kept);
                    break;
                case State.Rest:
                    kept.Write(octets);
                    return;
                default:
                    octets = TakeLine(octets, kept);
                    break;
            }
        }
    }

    /// <summary>Gives what was held back when the header ends in the middle of a name. What is pushed next is another header.</summary>
    public void Complete(IBufferWriter<byte> kept)
    {
        if (_state == State.LineStartCr)
            _name[_nameLength++] = (byte)'\r';
        if (_state is State.Name or State.LineStartCr)
            Decide(KeepsOthers, kept);
        (_state, _lastKept) = (State.LineStart, KeepsOthers);
    }

    private ReadOnlySpan<byte> StartLine(ReadOnlySpan<byte> octets)
    {
        switch (octets[0])
        {
            case (byte)' ' or (byte)'\t':
                _state = _lastKept ? State.Kept : State.Dropped;
                return octets;
            case (byte)'\r':
                _state = State.LineStartCr;
                return octets[1..];
            default:
                _state = State.Name;
                return octets;
        }
    }

    private void AfterCr(byte next, IBufferWriter<byte> kept)
    {
        if (next == (byte)'\n')
        {
            kept.Write("\r"u8);
            _state = State.Rest;
        }
        else
        {
            _name[_nameLength++] = (byte)'\r';
            _state = State.Name;
        }
    }

    private ReadOnlySpan<byte> TakeName(ReadOnlySpan<byte> octets, IBufferWriter<byte> kept)
    {
        int end = octets.IndexOfAny((byte)':', (byte)'\n');
        int length = end < 0 ? octets.Length : end;
        if (_nameLength + length > _name.Length)
        {
            Decide(KeepsOthers, kept);
            return octets;
        }

        octets[..length].CopyTo(_name.AsSpan(_nameLength));
        _nameLength += length;
        if (end >= 0)
            Decide(octets[end] == (byte)':' && IsNamed() ? !KeepsOthers : KeepsOthers, kept);
        return octets[length..];
    }

    private ReadOnlySpan<byte> TakeLine(ReadOnlySpan<byte> octets, IBufferWriter<byte> kept)
    {
        int end = octets.IndexOf((byte)'\n');
        int length = end < 0 ? octets.Length : end + 1;
        if (_state == State.Kept)
            kept.Write(octets[..length]);
        if (end >= 0)
            _state = State.LineStart;
        return octets[length..];
    }

    private void Decide(bool keep, IBufferWriter<byte> kept)
    {
        _lastKept = keep;
        _state = keep ? State.Kept : State.Dropped;
        if (keep)
            kept.Write(_name.AsSpan(0, _nameLength));
        _nameLength = 0;
    }

    private bool IsNamed() => _names.Contains(_name.AsSpan(0, _nameLength).TrimEnd(" \t"u8));
}
