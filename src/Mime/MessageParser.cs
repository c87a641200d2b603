using System.Text;

namespace FullStack.Mime;

/// <summary>Finds a message's structure while it streams by: push octets in any pieces, then complete. Never throws on any input.</summary>
/// <remarks>
/// <para>
/// A state machine over lines (RFC 5322 §2.1, RFC 2046 §5.1). Of a line it keeps only what it must: nothing in a body; the
/// start of a line that begins with two dashes while a boundary is awaited; lines of a header up to a bound.
/// </para>
/// <para>
/// Edges: header → body at a blank line; header or body → header at a boundary line; either → body (epilogue) at an end
/// boundary line; body → header where the header before it said message/rfc822.
/// </para>
/// </remarks>
public sealed class MessageParser
{
    private readonly OpenParts _parts = new();
    private readonly HeaderBuffer _header = new();
    private readonly byte[] _dashed = new byte[MimeLimits.BoundaryOctets + 4];
    private int _dashedLength;
    private bool _undashed;
    private Mark _lineStart;
    private long _lineOctets;
    private bool _lastIsCr;
    private int _lineEndBefore;
    private bool _completed;

    /// <summary>Whether a header, the message's or one of its parts', has an octet that is not ASCII.</summary>
    public bool HasEightBitHeader { get; private set; }

    private static ReadOnlySpan<byte> ContentTypeName => "Content-Type"u8;
    private static ReadOnlySpan<byte> TextType => "text/"u8;

    /// <summary>Whether the headers of a whole message, its own and its parts', are ASCII.</summary>
    public static bool HasAsciiHeaders(ReadOnlySpan<byte> message)
    {
        if (Ascii.IsValid(message) || HasOneAsciiHeader(message))
            return true;

        // Line by line while a header lasts, for most messages have one only; then all the rest where more may come.
        MessageParser parser = new();
        while (!message.IsEmpty && !parser.HasEightBitHeader && (parser._parts.InHeader || parser._parts.AnyBoundary))
        {
            int length = parser._parts.InHeader ? message.IndexOf((byte)'\n') + 1 : 0;
            ReadOnlySpan<byte> piece = length > 0 ? message[..length] : message;
            parser.Push(piece);
            message = message[piece.Length..];
        }

        return !parser.HasEightBitHeader;
    }

    /// <summary>Whether a message has one header only, for it says that it is a text, and that is ASCII. Where that is not plain to see it is left to the parser.</summary>
    private static bool HasOneAsciiHeader(ReadOnlySpan<byte> message)
    {
        while (true)
        {
            int lineFeed = message.IndexOf((byte)'\n');
            ReadOnlySpan<byte> line = lineFeed < 0 ? message : message[..lineFeed];
            if (line is [] or [(byte)'\r'])
                return true;
            if (!Ascii.IsValid(line) || (line.Length >= ContentTypeName.Length && Ascii.EqualsIgnoreCase(line[..ContentTypeName.Length], ContentTypeName) && !IsText(line[ContentTypeName.Length..])))
                return false;
            message = message[(line.Length + (lineFeed < 0 ? 0 : 1))..];
        }
    }

    private static bool IsText(ReadOnlySpan<byte> afterName)
    {
        ReadOnlySpan<byte> rest = afterName.TrimStart(" \t"u8);
        rest = rest is [(byte)':', ..] ? rest[1..].TrimStart(" \t"u8) : default;
        return rest.Length >= TextType.Length && Ascii.EqualsIgnoreCase(rest[..TextType.Length], TextType);
    }

    /// <summary>Takes the next octets; line ends may be CRLF, LF or mixed.</summary>
    public void Push(ReadOnlySpan<byte> octets)
    {
        ObjectDisposedException.ThrowIf(_completed, this);
        while (!octets.IsEmpty)
        {
            if (_lineOctets == 0 && !_parts.InHeader)
            {
                octets = octets[PassBodyLines(octets)..];
                if (octets.IsEmpty)
                    return;
            }

            int lineFeed = octets.IndexOf((byte)'\n');
            ReadOnlySpan<byte> piece = lineFeed < 0 ? octets : octets[..(lineFeed + 1)];
            TakePiece(piece);
            if (lineFeed >= 0)
                EndLine();
            octets = octets[piece.Length..];
        }
    }

    /// <summary>Begins another message, with the room that the last one took.</summary>
    public void Restart()
    {
        _parts.Restart();
        _header.Restart();
        (_lineStart, _lineOctets, _lastIsCr, _lineEndBefore) = (default, 0, false, 0);
        (_dashedLength, _undashed) = (0, false);
        (_completed, HasEightBitHeader) = (false, false);
    }

    /// <summary>Ends the message and gives what was found. Call once for a message.</summary>
    public MimeMessage Complete()
    {
        ObjectDisposedException.ThrowIf(_completed, this);
        _completed = true;
        Mark end = _lineStart with { Stored = _lineStart.Stored + _lineOctets };
        if (_lineOctets > 0 && !TryTakeBoundary(end) && _parts.InHeader)
            _header.CommitLine();
        if (_parts.InHeader)
            EndHeader(end);
        return new MimeMessage { Root = _parts.Complete(end), StoredOctets = end.Stored, WireOctets = end.Wire };
    }

    /// <summary>The hot loop: passes whole lines of a body that cannot be boundaries; gives the octets passed.</summary>
    private int PassBodyLines(ReadOnlySpan<byte> octets)
    {
        bool awaited = _parts.AnyBoundary;
        int passed = 0;
        long bare = 0, lines = 0;
        while (true)
        {
            ReadOnlySpan<byte> rest = octets[passed..];
            if (awaited && (rest.Length < 2 || (rest[0] == '-' && rest[1] == '-')))
                break;
            int lineFeed = rest.IndexOf((byte)'\n');
            if (lineFeed < 0)
                break;
            bool crlf = lineFeed > 0 && rest[lineFeed - 1] == '\r';
            _lineEndBefore = crlf ? 2 : 1;
            bare += crlf ? 0 : 1;
            lines++;
            passed += lineFeed + 1;
        }

        _lineStart = new Mark(_lineStart.Stored + passed, _lineStart.BareLineFeeds + bare, _lineStart.Lines + lines);
        return passed;
    }

    private void TakePiece(ReadOnlySpan<byte> piece)
    {
        if (_parts.AnyBoundary && !_undashed)
            KeepDashed(piece);
        if (_parts.InHeader)
        {
            _header.Append(piece);
            HasEightBitHeader = HasEightBitHeader || !Ascii.IsValid(piece);
        }

        _lineOctets += piece.Length;
        if (piece[^1] != '\n')
            _lastIsCr = piece[^1] == '\r';
        else if (piece.Length > 1)
            _lastIsCr = piece[^2] == '\r';
    }

    private void KeepDashed(ReadOnlySpan<byte> piece)
    {
        int length = Math.Min(piece.Length, _dashed.Length - _dashedLength);
        piece[..length].CopyTo(_dashed.AsSpan(_dashedLength));
        _dashedLength += length;
        ReadOnlySpan<byte> kept = _dashed.AsSpan(0, Math.Min(_dashedLength, 2));
        _undashed = !"--"u8.StartsWith(kept);
    }

    private void EndLine()
    {
        int lineEnd = _lastIsCr ? 2 : 1;
        Mark next = new(_lineStart.Stored + _lineOctets, _lineStart.BareLineFeeds + (_lastIsCr ? 0 : 1), _lineStart.Lines + 1);
        if (!TryTakeBoundary(next) && _parts.InHeader)
        {
            if (_lineOctets == lineEnd)
                EndHeader(next);
            else
                _header.CommitLine();
        }

        _lineStart = next;
        _lineEndBefore = lineEnd;
        _lineOctets = 0;
        _lastIsCr = false;
        _dashedLength = 0;
        _undashed = false;
    }

    private bool TryTakeBoundary(Mark next)
    {
        if (_undashed || _dashedLength < 2)
            return false;
        int multipart = _parts.FindBoundary(_dashed.AsSpan(0, _dashedLength), out bool isEnd);
        if (multipart < 0)
            return false;

        Mark before = _lineStart.BeforeLineEnd(_lineEndBefore);
        if (_parts.InHeader)
            EndHeader(before);
        _parts.TakeBoundary(multipart, isEnd, before, next);
        _header.Clear();
        return true;
    }

    private void EndHeader(Mark bodyStart)
    {
        _parts.EndHeader(_header.Lines, bodyStart);
        _header.Clear();
    }
}
