using System.Text;

namespace FullStack.Mime;

/// <summary>Collects the fields of one header that make up a <see cref="PartHeader"/>.</summary>
/// <remarks>Of Content-… fields the first counts; of the envelope's see <see cref="MessageEnvelope"/>.</remarks>
internal ref struct PartHeaderReader
{
    private ReadOnlySpan<byte> _type, _encoding, _disposition, _id, _description, _md5, _location, _languages;
    private EnvelopeReader? _envelope;

    /// <param name="header">The header; what follows its blank line is ignored.</param>
    /// <param name="ofMessage">True for a message's own header, which has an envelope.</param>
    /// <param name="absentType">What the part is without Content-Type.</param>
    public static PartHeader Read(ReadOnlySpan<byte> header, bool ofMessage, ContentType absentType)
    {
        PartHeaderReader reader = new() { _envelope = ofMessage ? new EnvelopeReader() : null };
        HeaderLines lines = new(header);
        while (lines.MoveNext())
            reader.Take(header[lines.Name], header[lines.Value]);

        // Unfolded first: a quoted value may be folded inside.
        ReadOnlyMemory<byte>? type = HeaderValue.UnfoldOrNull(reader._type);
        return new PartHeader
        {
            ContentType = type is null ? absentType : ContentFields.ReadContentType(type.Value.Span) ?? ContentType.Default,
            TransferEncoding = ContentFields.ReadTransferEncoding(reader._encoding) ?? "7bit",
            ContentId = HeaderValue.UnfoldOrNull(reader._id),
            Description = HeaderValue.UnfoldOrNull(reader._description),
            ContentMd5 = HeaderValue.UnfoldOrNull(reader._md5),
            Location = HeaderValue.UnfoldOrNull(reader._location),
            Languages = ContentFields.ReadLanguages(reader._languages),
            Disposition = ContentFields.ReadDisposition(HeaderValue.UnfoldToOwn(reader._disposition).Span),
            Envelope = reader._envelope?.ToEnvelope(),
        };
    }

    private void Take(ReadOnlySpan<byte> name, ReadOnlySpan<byte> value)
    {
        const int contentPrefix = 8;
        if (name.Length > contentPrefix && Ascii.EqualsIgnoreCase(name[..contentPrefix], "Content-"u8))
            TakeContent(name[contentPrefix..], value);
        else
            _envelope?.Take(name, value);
    }

    private void TakeContent(ReadOnlySpan<byte> name, ReadOnlySpan<byte> value)
    {
        if (Ascii.EqualsIgnoreCase(name, "Type"u8))
            KeepFirst(ref _type, value);
        else if (Ascii.EqualsIgnoreCase(name, "Transfer-Encoding"u8))
            KeepFirst(ref _encoding, value);
        else if (Ascii.EqualsIgnoreCase(name, "Disposition"u8))
            KeepFirst(ref _disposition, value);
        else if (Ascii.EqualsIgnoreCase(name, "ID"u8))
            KeepFirst(ref _id, value);
        else if (Ascii.EqualsIgnoreCase(name, "Description"u8))
            KeepFirst(ref _description, value);
        else if (Ascii.EqualsIgnoreCase(name, "MD5"u8))
            KeepFirst(ref _md5, value);
        else if (Ascii.EqualsIgnoreCase(name, "Location"u8))
            KeepFirst(ref _location, value);
        else if (Ascii.EqualsIgnoreCase(name, "Language"u8))
            KeepFirst(ref _languages, value);
    }

    private static void KeepFirst(ref ReadOnlySpan<byte> field, ReadOnlySpan<byte> value)
    {
        if (field.IsEmpty)
            field = value;
    }
}
