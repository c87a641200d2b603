using FullStack.Store.Mailboxes;
using FullStack.Store.Posix;

namespace FullStack.Store.Mbox;

/// <summary>Writes an mbox anew: without messages that go, with other flags for some, and with room in the fields of all. Blocks.</summary>
internal sealed class MboxRewriter(IMaildirFiles files, FilePath path, MboxLock locked, MboxMap map)
{
    /// <summary>UIDVALIDITY and last UID of the mailbox; null: as the file has them.</summary>
    public MboxBase? Numbers { get; init; }

    /// <summary>All keywords of the mailbox.</summary>
    public IReadOnlyList<string> Keywords { get; init; } = [];

    /// <summary>Whether a message goes.</summary>
    public Func<MboxSpan, bool> Goes { get; init; } = static _ => false;

    /// <summary>What a message's fields are to say; the flags that it has, or others.</summary>
    public required Func<MboxSpan, MboxFlags> FlagsOf { get; init; }

    /// <summary>A rewriting for a mailbox: its numbers and UIDs are written down.</summary>
    /// <param name="goes">Whether a message goes; null: none.</param>
    /// <param name="flagsOf">What a message's flags become; null: what they are.</param>
    public static MboxRewriter Of(
        FilePath path, IMaildirFiles files, MboxLock locked, MboxMap map, Mailbox mailbox, Func<MboxSpan, bool>? goes = null, Func<MboxSpan, MboxFlags?>? flagsOf = null)
        => new(files, path, locked, map)
        {
            Numbers = new(mailbox.Counters.UidValidity.Value, mailbox.Counters.UidNext.Value - 1),
            Keywords = mailbox.Keywords.Known,
            Goes = goes ?? (static _ => false),
            FlagsOf = span => flagsOf?.Invoke(span)
                ?? new(span.Flags, span.Keywords, span.IsOld, mailbox.Find(span.Name)?.Uid.Value ?? 0),
        };

    /// <summary>Replaces the file.</summary>
    /// <param name="rewritten">The map of the new file.</param>
    public FileError Run(out MboxMap? rewritten)
    {
        MboxMap next = new() { Numbers = Numbers ?? map.Numbers };
        FileError error = MboxReplacement.Make(files, path, locked.File, writer => Write(writer, next), out FileFacts facts);
        next.Facts = facts;
        rewritten = error == FileError.None ? next : null;
        return error;
    }

    private FileError Write(FileWriter writer, MboxMap next)
    {
        foreach (MboxSpan span in map.Spans)
        {
            if (!span.IsInternal && Goes(span))
                continue;
            MboxMessage? message = MboxHead.Read(files, locked.File, span);
            if (message is null)
                return FileError.Failed; // Not what it was a moment ago, although the file is locked.
            next.Add(Write(writer, span, message, isFirst: next.Spans.Count == 0));
            if (writer.Error != FileError.None)
                return writer.Error;
        }

        return FileError.None;
    }

    private MboxSpan Write(FileWriter writer, MboxSpan span, MboxMessage message, bool isFirst)
    {
        long offset = writer.Position;
        MboxFlags flags = FlagsOf(span);
        long at = span.Offset;
        foreach (MboxFieldPlace field in message.Fields)
        {
            writer.Copy(locked.File, at, field.Offset);
            at = field.Offset + field.Octets;
        }

        writer.Copy(locked.File, at, message.HeaderEnd);
        bool isHeaderOnly = message.HeaderEnd == span.End;
        if (isHeaderOnly && !EndsWithFeed(writer, span.End))
            writer.Write("\n"u8);
        if (isFirst)
            WriteNumbers(writer, span.IsInternal);
        writer.Write(span.IsInternal ? "Status: RO\n"u8 : flags.Format(message.Find(MboxField.Id) is { } id ? id.Value : []));
        foreach (MboxFieldPlace field in message.Fields.Where(static f => f.Field is MboxField.ContentLength or MboxField.Lines))
            writer.Copy(locked.File, field.Offset, field.Offset + field.Octets);
        if (isHeaderOnly)
            writer.Write("\n"u8);
        else
            writer.Copy(locked.File, message.HeaderEnd, span.BodyOffset);
        long body = writer.Position;
        writer.Copy(locked.File, span.BodyOffset, span.End);
        if (!span.IsCounted && !isHeaderOnly && !EndsWithFeed(writer, span.End))
            writer.Write("\n"u8);
        long end = writer.Position;
        writer.Write("\n"u8);
        return span.MovedTo(offset, body, end, flags);
    }

    private void WriteNumbers(FileWriter writer, bool isInternal)
    {
        if ((Numbers ?? map.Numbers) is not { } numbers)
            return;
        writer.Write(MboxFieldNames.Of(isInternal ? MboxField.XImap : MboxField.XImapBase));
        writer.Write(": "u8);
        writer.Write(numbers.Format(Keywords));
        writer.Write("\n"u8);
    }

    /// <summary>Whether an octet of the old file is an LF; where it cannot be read, nothing more is written.</summary>
    private bool EndsWithFeed(FileWriter writer, long end)
    {
        Span<byte> last = stackalloc byte[1];
        FileError error = files.Read(locked.File, last, end - 1, out int count);
        if (error != FileError.None || count == 0)
            writer.Fail(error == FileError.None ? FileError.Failed : error);
        return last[0] == '\n';
    }
}
