using System.Buffers.Binary;
using System.Buffers.Text;
using System.Security.Cryptography;

namespace FullStack.Store.Mbox;

/// <summary>What is known of a message while its lines come by.</summary>
internal sealed class MessageUnderScan(bool isFirst) : IDisposable
{
    /// <summary>Metadata fields of one message that are taken for such; what follows counts as part of the message.</summary>
    private const int MaxFields = 64;

    /// <summary>The text within so many octets of the body goes into the token.</summary>
    public const int SampleOctets = 4096;

    private readonly IncrementalHash _hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
    private List<MboxFieldPlace> _fields = [];
    private bool _isFirst = isFirst;
    private DateTimeOffset? _date;
    private Places _at;
    private Counts _count;
    private bool _inField;
    private int _emptyOctets;

    /// <summary>The value of Content-Length; -1 where there is none.</summary>
    public long ContentLength { get; private set; }

    /// <summary>Where the body ends by its Content-Length; -1 where that does not count.</summary>
    public long CountedEnd { get; private set; }

    /// <summary>The metadata fields so far.</summary>
    public IReadOnlyList<MboxFieldPlace> Fields => _fields;

    /// <summary>It is no mail (<see cref="MboxMessage.IsInternal"/>).</summary>
    public bool IsInternal => _isFirst && _fields.Exists(static f => f.Field == MboxField.XImap && MboxBase.TryParse(f.Value, out _));

    public void Begin(in MboxLine line)
    {
        _date = FromLine.TryParse(line.Content, out DateTimeOffset date) ? date : null;
        _fields = [];
        _at = new() { From = line.Offset, Header = line.Offset + line.Octets };
        _count = default;
        (_inField, _emptyOctets) = (false, 0);
        (ContentLength, CountedEnd) = (-1, -1);
        _hash.AppendData(line.Content);
    }

    public void AddHeaderLine(in MboxLine line)
    {
        bool continues = line.Head[0] is (byte)' ' or (byte)'\t';
        if (!continues)
            _inField = _fields.Count < MaxFields && TryAddField(line);
        else if (_inField)
            Continue(line);
        if (_inField)
            return;
        _hash.AppendData(line.Content);
        _hash.AppendData("\n"u8);
        CountLine(line);
    }

    public void EndHeader(in MboxLine line)
    {
        _at.HeaderEnd = line.Offset;
        _at.Body = line.Offset + line.Octets;
        _count.Wire += line.WireOctets;
        _count.Header += line.Octets;
        _hash.AppendData("\n"u8);
        if (_fields.FindLast(static f => f.Field == MboxField.ContentLength) is { } field
            && Utf8Parser.TryParse(field.Value, out ulong length, out int used) && used == field.Value.Length && length <= long.MaxValue)
            ContentLength = (long)length;
    }

    /// <summary>The body has the length that its Content-Length says.</summary>
    public void Count(long end) => CountedEnd = end;

    /// <summary>It has not after all.</summary>
    public void Reopen() => CountedEnd = -1;

    public void AddBodyLine(in MboxLine line)
    {
        if (CountedEnd >= 0)
        {
            AddText(line);
            _count.Wire += line.WireOctets;
            return;
        }

        // An empty line belongs to the body only where another line follows that is no From_ line.
        _count.Wire += _emptyOctets;
        _emptyOctets = line.IsEmpty && line.EndOctets > 0 ? 2 : 0;
        _at.Empty = line.IsEmpty ? line.Offset : -1;
        if (!line.IsEmpty)
            AddText(line);
        if (_emptyOctets == 0)
            _count.Wire += line.WireOctets;
    }

    /// <summary>Ends the message.</summary>
    /// <param name="next">Where the next one begins, or the file ends.</param>
    public MboxMessage End(long next)
    {
        bool hasBody = _at.Body > 0;
        long end = CountedEnd >= 0 ? CountedEnd : hasBody && _emptyOctets > 0 ? _at.Empty : next;
        bool isQuoted = CountedEnd < 0 || IsCountedByMutt() && _count.BareFrom == 0;
        MboxMessage message = new()
        {
            Offset = _at.From,
            HeaderOffset = _at.Header,
            HeaderEnd = hasBody ? _at.HeaderEnd : end,
            BodyOffset = hasBody ? _at.Body : end,
            End = end,
            Next = next,
            WireOctets = _count.Wire - (isQuoted ? _count.Quoted : 0),
            QuotedLines = isQuoted ? _count.Quoted : 0,
            Date = _date,
            TextOctets = _count.LastText,
            Token = MakeToken(_count.LastText, _count.Header + (_count.LastText > 0 ? _count.LastText + 1 : 0) - (isQuoted ? _count.Quoted : 0)),
            Fields = _fields,
            IsInternal = IsInternal,
            IsCounted = CountedEnd >= 0,
        };
        _isFirst = false;
        return message;
    }

    /// <summary>The message of which only the beginning came by, and the rest is as it was known.</summary>
    public MboxMessage Describe(MboxSpan span) => new()
    {
        Offset = _at.From, HeaderOffset = _at.Header, HeaderEnd = _at.Body > 0 ? _at.HeaderEnd : span.End, BodyOffset = span.BodyOffset,
        End = span.End, Next = span.End, WireOctets = span.WireOctets, QuotedLines = span.QuotedLines, TextOctets = span.TextOctets,
        Date = span.Date, Token = default, Fields = _fields, IsInternal = span.IsInternal, IsCounted = span.IsCounted,
    };

    public void Dispose() => _hash.Dispose();

    private bool TryAddField(in MboxLine line)
    {
        if (!MboxFieldNames.TryMatch(line.Content, out MboxField field, out int valueOffset) || line.Octets > MboxScanner.HeadOctets)
            return false;
        ReadOnlySpan<byte> value = line.Content[valueOffset..];
        if (field == MboxField.Id)
            _hash.AppendData(value);
        _fields.Add(new(field, line.Offset, (int)line.Octets, valueOffset, value.Length, value.Trim(" \t"u8).ToArray()));
        return true;
    }

    private void Continue(in MboxLine line)
    {
        MboxFieldPlace field = _fields[^1];
        if (field.Octets + line.Octets > MboxScanner.HeadOctets)
        {
            _inField = false; // Longer than any program writes: shown as it is.
            return;
        }

        byte[] value = [.. field.Value, (byte)' ', .. line.Content.Trim(" \t"u8)];
        _fields[^1] = field with { Octets = field.Octets + (int)line.Octets, ValueOctets = 0, Value = value };
    }

    private void AddText(in MboxLine line)
    {
        CountLineQuoting(line);
        ReadOnlySpan<byte> text = line.Content;
        long room = _at.Body + SampleOctets - line.Offset;
        if (room > 0)
            _hash.AppendData(text[..(int)Math.Min(text.Length, room)]);
        if (!line.IsEmpty)
            _count.LastText = line.Offset + line.Octets - line.EndOctets - _at.Body;
    }

    private void CountLine(in MboxLine line)
    {
        CountLineQuoting(line);
        _count.Wire += line.WireOctets;
        _count.Header += line.Octets;
    }

    private void CountLineQuoting(in MboxLine line)
    {
        switch (MboxQuoting.Look(line.Content))
        {
            case 0:
                _count.BareFrom++;
                break;
            case > 0:
                _count.Quoted++;
                break;
        }
    }

    private bool IsCountedByMutt()
    {
        int counted = _fields.FindLastIndex(static f => f.Field == MboxField.ContentLength);
        return counted >= 0 && counted + 1 < _fields.Count && _fields[counted + 1].Field == MboxField.Lines
            && _fields[counted + 1].Offset == _fields[counted].Offset + _fields[counted].Octets;
    }

    /// <summary>The token of the message, which is at an end.</summary>
    /// <param name="textOctets">The length of its body up to the last line that is not empty, where only its beginning came by.</param>
    /// <param name="octets">The message's length.</param>
    public MessageToken MakeToken(long textOctets, long octets)
    {
        Span<byte> digest = stackalloc byte[SHA256.HashSizeInBytes];
        BinaryPrimitives.WriteInt64LittleEndian(digest, textOctets);
        _hash.AppendData(digest[..sizeof(long)]);
        _hash.GetHashAndReset(digest);
        return new(BinaryPrimitives.ReadUInt128BigEndian(digest), octets);
    }

    private struct Places
    {
        public long From;
        public long Header;
        public long HeaderEnd;
        public long Body;
        public long Empty;
    }

    private struct Counts
    {
        public long Wire;
        public long Header;
        public long Quoted;
        public long BareFrom;
        public long LastText;
    }
}
