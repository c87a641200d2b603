using FullStack.Imap.Annotations;
using FullStack.Imap.Responses;
using FullStack.Imap.Server;
using FullStack.Mime;

namespace FullStack.Imap.Fetch;

/// <summary>Writes the data items that need no octets of the message.</summary>
/// <remarks>RFC 3501 §7.4.2; MODSEQ RFC 7162 §3.1.4.2; SAVEDATE RFC 8514 §4.2; EMAILID and THREADID RFC 8474 §5.3; ANNOTATION RFC 5257 §4.4.</remarks>
internal sealed class FetchItemWriter(ImapSession session)
{
    private readonly ImapResponseWriter _writer = session.Writer;

    /// <summary>Whether there is something to write: an item whose list would be empty is left out.</summary>
    public static bool HasValue(FetchItem item, FetchedMessage message) => item is not AnnotationItem annotation || annotation.HasAny(message.Annotations);

    /// <summary>Writes an item's name and value.</summary>
    public void Write(FetchItem item, FetchedMessage message)
    {
        _writer.Write(item.Name.Span);
        _writer.Space();
        switch (item.Attribute)
        {
            case FetchAttribute.Uid:
                _writer.Number(message.Entry.Uid.Value);
                break;
            case FetchAttribute.Flags:
                _writer.FlagList(message.Entry.Flags, message.Entry.Keywords, session.ShowsRecent(message.Number));
                break;
            case FetchAttribute.InternalDate:
                _writer.DateTime(message.Entry.InternalDate);
                break;
            case FetchAttribute.Rfc822Size:
                _writer.Number((ulong)(message.Structure?.WireOctets ?? message.Entry.WireOctets)); // never another than BODY[] beside it
                break;
            case FetchAttribute.ModSeq:
                _writer.Write((byte)'(');
                _writer.Number(message.Entry.ModSeq.Value);
                _writer.Write((byte)')');
                break;
            case FetchAttribute.SaveDate:
                _writer.DateTime(message.Identity!.SaveDate);
                break;
            case FetchAttribute.EmailId:
                WriteObjectId(message.Identity!.EmailId);
                break;
            case FetchAttribute.ThreadId:
                WriteObjectId(message.Identity!.ThreadId);
                break;
            case FetchAttribute.Envelope:
                EnvelopeFormatter.Write(_writer, message.Envelope ?? MessageEnvelope.Empty);
                break;
            case FetchAttribute.Body or FetchAttribute.BodyStructure:
                BodyStructureFormatter.Write(_writer, message.Structure!.Root, item.Attribute == FetchAttribute.BodyStructure);
                break;
            case FetchAttribute.Annotation:
                ((AnnotationItem)item).Write(_writer, message.Annotations);
                break;
            default:
                throw new ArgumentOutOfRangeException(nameof(item), item.Attribute, null);
        }
    }

    /// <summary>"PREVIEW" SP nstring (RFC 8970 §6)</summary>
    public void WritePreview(string? preview)
    {
        _writer.Write("PREVIEW "u8);
        if (preview is null)
            _writer.Nil();
        else
            _writer.Utf8String(preview);
    }

    /// <summary>"(" objectid ")" / nil</summary>
    private void WriteObjectId(string? id)
    {
        if (id is null)
        {
            _writer.Nil();
            return;
        }

        _writer.Write((byte)'(');
        _writer.Atom(id);
        _writer.Write((byte)')');
    }
}
