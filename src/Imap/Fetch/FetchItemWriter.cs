using FullStack.Imap.Responses;
using FullStack.Mime;
using FullStack.Store.Feed;

namespace FullStack.Imap.Fetch;

/// <summary>Writes the data items that need no octets of the message.</summary>
/// <remarks>RFC 3501 §7.4.2; MODSEQ RFC 7162 §3.1.4.2; SAVEDATE RFC 8514 §4.2; EMAILID and THREADID RFC 8474 §5.3.</remarks>
internal sealed class FetchItemWriter(ImapResponseWriter writer, MailboxView view)
{
    /// <summary>Writes an item's name and value.</summary>
    public void Write(FetchItem item, FetchedMessage message)
    {
        writer.Write(item.Name.Span);
        writer.Space();
        switch (item.Attribute)
        {
            case FetchAttribute.Uid:
                writer.Number(message.Entry.Uid.Value);
                break;
            case FetchAttribute.Flags:
                writer.FlagList(message.Entry.Flags, message.Entry.Keywords, view.IsRecent(message.Number));
                break;
            case FetchAttribute.InternalDate:
                writer.DateTime(message.Entry.InternalDate);
                break;
            case FetchAttribute.Rfc822Size:
                writer.Number((ulong)(message.Structure?.WireOctets ?? message.Entry.WireOctets)); // never another than BODY[] beside it
                break;
            case FetchAttribute.ModSeq:
                writer.Write((byte)'(');
                writer.Number(message.Entry.ModSeq.Value);
                writer.Write((byte)')');
                break;
            case FetchAttribute.SaveDate:
                writer.DateTime(message.Identity!.SaveDate);
                break;
            case FetchAttribute.EmailId:
                WriteObjectId(message.Identity!.EmailId);
                break;
            case FetchAttribute.ThreadId:
                WriteObjectId(message.Identity!.ThreadId);
                break;
            case FetchAttribute.Envelope:
                EnvelopeFormatter.Write(writer, message.Envelope ?? MessageEnvelope.Empty);
                break;
            case FetchAttribute.Body or FetchAttribute.BodyStructure:
                BodyStructureFormatter.Write(writer, message.Structure!.Root, item.Attribute == FetchAttribute.BodyStructure);
                break;
            default:
                throw new ArgumentOutOfRangeException(nameof(item), item.Attribute, null);
        }
    }

    /// <summary>"(" objectid ")" / nil</summary>
    private void WriteObjectId(string? id)
    {
        if (id is null)
        {
            writer.Nil();
            return;
        }

        writer.Write((byte)'(');
        writer.Atom(id);
        writer.Write((byte)')');
    }
}
