using System.Text;

namespace FullStack.Mime;

/// <summary>The parts that are open at one place of a message, outermost first: grows the tree as headers and boundaries come by.</summary>
/// <remarks>
/// RFC 2046 §5.1.1 and §5.1.2: a line that starts with an open multipart's boundary ends all that is inside that multipart.
/// What follows the boundary on its line does not matter (§5.1.1: it is sufficient that the boundary appears in its entirety),
/// so of several boundaries that fit the longest counts, and of equal ones the innermost.
/// </remarks>
internal sealed class OpenParts
{
    private readonly List<OpenPart> _open = [];
    private int _parts;
    private int _watched;
    private MimePart? _root;

    public OpenParts() => Open(default, isMessage: true, ContentType.Default);

    public void Restart()
    {
        _open.Clear();
        (_parts, _watched, _root) = (0, 0, null);
        Open(default, isMessage: true, ContentType.Default);
    }

    private OpenPart Innermost => _open[^1];

    public bool InHeader => Innermost.Header is null;

    /// <summary>False where no line can be a boundary.</summary>
    public bool AnyBoundary => _watched > 0;

    /// <summary>Ends the innermost header; opens the message inside where it says message/rfc822.</summary>
    public void EndHeader(ReadOnlySpan<byte> header, Mark bodyStart)
    {
        OpenPart part = Innermost;
        PartHeader read = PartHeaderReader.Read(header, part.IsMessage, part.AbsentType);
        part.EndHeader(read, bodyStart);
        if (_open.Count >= MimeLimits.Depth || _parts >= MimeLimits.Parts)
            return;

        if (read.IsMultipart)
            Watch(part, MimeParameter.FindRaw(read.ContentType.Parameters, "boundary"));
        else if (read.IsMessage && read.IsTransparent)
            Open(part.EarliestEnd, isMessage: true, ContentType.Default);
    }

    /// <summary>
    /// Whose boundary a line starts with: -1 where it is no boundary that counts, else what <see cref="TakeBoundary"/> wants.
    /// </summary>
    /// <param name="lineStart">As much of a line as <see cref="MimeLimits.BoundaryOctets"/> and the dashes need.</param>
    public int FindBoundary(ReadOnlySpan<byte> lineStart, out bool isEnd)
    {
        isEnd = false;
        if (!lineStart.StartsWith("--"u8))
            return -1;

        ReadOnlySpan<byte> text = lineStart[2..];
        int found = -1, longest = -1;
        for (int i = _open.Count - 1; i >= 0; i--)
        {
            if (_open[i].Boundary is { } boundary && boundary.Length > longest && text.StartsWith(boundary))
            {
                found = i;
                longest = boundary.Length;
            }
        }

        if (found < 0)
            return -1;
        isEnd = text[longest..].StartsWith("--"u8);
        if (isEnd || _parts < MimeLimits.Parts)
            return found;

        // The last part allowed takes all the rest: nothing ends it any more.
        foreach (OpenPart part in _open)
            part.Boundary = null;
        _watched = 0;
        return -1;
    }

    /// <summary>Ends what is inside a multipart, before the line end before its boundary; opens the next part or its epilogue.</summary>
    public void TakeBoundary(int multipart, bool isEnd, Mark before, Mark after)
    {
        CloseInside(multipart, before);
        OpenPart parent = _open[multipart];
        if (isEnd)
        {
            parent.Boundary = null;
            _watched--;
        }
        else
        {
            bool digest = parent.Header!.ContentType.Subtype.Equals("digest", StringComparison.OrdinalIgnoreCase);
            Open(after, isMessage: false, digest ? ContentType.DigestDefault : ContentType.Default);
        }
    }

    /// <summary>Ends all parts with the message.</summary>
    public MimePart Complete(Mark end)
    {
        CloseInside(-1, end);
        return _root!;
    }

    private void Open(Mark headerStart, bool isMessage, ContentType absentType)
    {
        _open.Add(new OpenPart(headerStart, isMessage, absentType));
        _parts++;
    }

    private void Watch(OpenPart multipart, string? boundary)
    {
        // Trailing blanks cannot belong to a boundary (bcharsnospace, RFC 2046 §5.1.1).
        if (boundary?.TrimEnd(' ', '\t') is not { Length: <= MimeLimits.BoundaryOctets } wanted)
            return;
        multipart.Boundary = Encoding.Latin1.GetBytes(wanted);
        _watched++;
    }

    private void CloseInside(int keep, Mark end)
    {
        while (_open.Count - 1 > keep)
        {
            OpenPart part = Innermost;
            if (part.Header is null)
                part.EndHeader(PartHeaderReader.Read([], part.IsMessage, part.AbsentType), end);
            if (part.Boundary is not null)
                _watched--;

            end = end.AtLeast(part.EarliestEnd);
            MimePart closed = part.Close(end);
            _open.RemoveAt(_open.Count - 1);
            if (_open.Count > 0)
                Innermost.Add(closed);
            else
                _root = closed;
        }
    }
}
