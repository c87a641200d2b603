namespace FullStack.Mime;

/// <summary>A part whose end is not yet known.</summary>
internal sealed class OpenPart(Mark headerStart, bool isMessage, ContentType absentType)
{
    private PartHeader? _header;
    private Mark _bodyStart;
    private List<MimePart>? _children;

    /// <summary>True for the root and for the message inside message/rfc822.</summary>
    public bool IsMessage => isMessage;

    public ContentType AbsentType => absentType;

    public PartHeader? Header => _header;

    /// <summary>What to look for at line starts while this multipart has no end boundary yet; null for other parts.</summary>
    public byte[]? Boundary { get; set; }

    public void EndHeader(PartHeader header, Mark bodyStart)
    {
        _header = header;
        _bodyStart = bodyStart.AtLeast(headerStart);
    }

    public void Add(MimePart child) => (_children ??= []).Add(child);

    /// <summary>The earliest place this part may end at: a boundary's line end is never taken from a header.</summary>
    public Mark EarliestEnd => _bodyStart;

    public MimePart Close(Mark end)
    {
        PartHeader header = _header!;
        if (_children is null && (header.IsMultipart || header.IsMessage))
            Add(StandIn(header, end));

        return new MimePart
        {
            HeaderOffset = headerStart.Stored,
            BodyOffset = _bodyStart.Stored,
            EndOffset = end.Stored,
            HeaderOctets = _bodyStart.Wire - headerStart.Wire,
            BodyOctets = end.Wire - _bodyStart.Wire,
            BodyLines = end.Lines - _bodyStart.Lines,
            ContentType = header.ContentType,
            TransferEncoding = header.TransferEncoding,
            ContentId = header.ContentId,
            Description = header.Description,
            ContentMd5 = header.ContentMd5,
            Location = header.Location,
            Languages = header.Languages,
            Disposition = header.Disposition,
            Envelope = header.Envelope,
            Children = (IReadOnlyList<MimePart>?)_children ?? [],
        };
    }

    private static MimePart StandIn(PartHeader parent, Mark at) => new()
    {
        HeaderOffset = at.Stored,
        BodyOffset = at.Stored,
        EndOffset = at.Stored,
        HeaderOctets = 0,
        BodyOctets = 0,
        BodyLines = 0,
        ContentType = ContentType.Default,
        TransferEncoding = "7bit",
        Envelope = parent.IsMessage ? MessageEnvelope.Empty : null,
    };
}
