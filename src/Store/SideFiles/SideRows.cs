using System.Buffers;
using System.Text;
using FullStack.Store.Mailboxes;

namespace FullStack.Store.SideFiles;

/// <summary>What the index keeps of a mailbox beside its messages themselves, to be written into the mailbox's list.</summary>
internal sealed record SideRows(
    Dictionary<uint, MessageDetails> Details, Dictionary<string, byte[]?> Properties)
{
    /// <summary>Writes lines for properties and messages.</summary>
    /// <returns>How many there are.</returns>
    public int Write(IBufferWriter<byte> target, IEnumerable<MessageEntry> messages)
    {
        ArrayBufferWriter<byte> scratch = new(256);
        int lines = 0;
        foreach ((string name, byte[]? value) in Properties)
        {
            Write(target, scratch, name, value);
            lines++;
        }

        foreach (MessageEntry message in messages)
        {
            new ListedUid(message.Uid.Value, message.Keywords, Details.GetValueOrDefault(message.Uid.Value))
                .Write(target, scratch, message.BaseName);
            lines++;
        }

        return lines;
    }

    /// <summary>A name alone says that there is no such thing any more.</summary>
    private static void Write(IBufferWriter<byte> target, ArrayBufferWriter<byte> scratch, string name, byte[]? value)
    {
        scratch.ResetWrittenCount();
        SideLine.Append(scratch, "=");
        SideLine.Escape(scratch, Encoding.UTF8.GetBytes(name));
        if (value is not null)
        {
            scratch.Write(" :"u8);
            SideLine.Escape(scratch, value);
        }

        SideLine.Write(target, scratch.WrittenSpan);
    }
}
