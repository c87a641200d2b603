using FullStack.Store.Mailboxes;
using FullStack.Store.Posix;

namespace FullStack.Store.Mbox;

/// <summary>Changes the flags of messages in an mbox that is locked: in place where there is room in their fields, else by writing the file anew. Blocks.</summary>
internal sealed class MboxFlagWriter(IMaildirFiles files, MboxFile file, MboxLock locked, MboxMap map)
{
    /// <summary>The mailbox, loaded.</summary>
    public required Mailbox Mailbox { get; init; }

    /// <summary>Gives messages flags and keywords; what another program changed meanwhile is kept beside that.</summary>
    public FileError Run(IReadOnlyList<FlagWrite> wanted, ModSeq modSeq, List<EntryChange> changes)
    {
        Dictionary<MboxSpan, MboxFlags> asked = [];
        List<EntryChange> done = [];
        foreach (FlagWrite write in wanted)
        {
            if (map.Find(write.Entry.FileName) is not { } span)
                continue; // Removed by another program: the watch will tell.
            SystemFlags flags = (span.Flags & ~(write.Entry.Flags & ~write.Flags)) | (write.Flags & ~write.Entry.Flags);
            IReadOnlyList<string> keywords = Mailbox.Keywords.Share(
                span.Keywords.Except(write.Entry.Keywords.Except(write.Keywords), StringComparer.OrdinalIgnoreCase)
                    .Concat(write.Keywords.Except(write.Entry.Keywords)).Distinct(StringComparer.OrdinalIgnoreCase));
            asked[span] = new(flags, keywords, IsOld: true, write.Entry.Uid.Value);
            done.Add(new(write.Entry, write.Entry.Changed(flags, keywords, modSeq, write.Entry.FileName, inNew: false)));
        }

        FileError error = TryPlan(asked, out List<MboxPatch>? patches);
        if (error != FileError.None)
            return error;
        bool isDone = patches is not null;
        if (patches is not null)
            error = Apply(patches, asked, sync: true);
        else
            error = file.Rewrite(
                MboxRewriter.Of(file.Path, files, locked, map, Mailbox, flagsOf: span => asked.GetValueOrDefault(span)), out isDone);
        if (isDone)
            changes.AddRange(done);
        return error;
    }

    /// <summary>Writes that messages are not new any more, and their UIDs, where there is room.</summary>
    public FileError Settle(IReadOnlyList<MessageEntry> inNew)
    {
        Dictionary<MboxSpan, MboxFlags> asked = [];
        foreach (MessageEntry entry in inNew)
        {
            if (map.Find(entry.FileName) is { } span)
                asked[span] = new(span.Flags, span.Keywords, IsOld: true, entry.Uid.Value);
        }

        FileError error = TryPlan(asked, out List<MboxPatch>? patches);
        return error == FileError.None ? Apply(patches ?? [], asked, sync: false) : error;
    }

    private FileError TryPlan(Dictionary<MboxSpan, MboxFlags> asked, out List<MboxPatch>? patches)
    {
        patches = [];
        foreach ((MboxSpan span, MboxFlags flags) in asked)
        {
            if (MboxHead.Read(files, locked.File, span) is not { } message)
                return FileError.Failed;
            if (MboxPatch.TryPlan(message, flags) is not { } some)
            {
                patches = null;
                return FileError.None;
            }

            patches.AddRange(some);
        }

        return FileError.None;
    }

    private FileError Apply(List<MboxPatch> patches, Dictionary<MboxSpan, MboxFlags> asked, bool sync)
    {
        FileError error = FileError.None;
        for (int i = 0; i < patches.Count && error == FileError.None; i++)
            error = files.Write(locked.File, patches[i].Octets, patches[i].Offset);
        if (error != FileError.None)
        {
            Restore(asked.Keys);
            return error;
        }

        foreach ((MboxSpan span, MboxFlags flags) in asked)
            (span.Flags, span.Keywords, span.IsOld) = (flags.System, map.Share(flags.Keywords), true);
        error = sync && patches.Count > 0 ? files.Sync(locked.File) : FileError.None;
        if (files.StatOpen(locked.File, out FileFacts facts) == FileError.None)
            map.Became(facts, map.Facts.Octets);
        return error;
    }

    /// <summary>Lets fields say again what they said. Where that fails too they may say either; in any case the file is another than the map says, and will be read.</summary>
    private void Restore(IEnumerable<MboxSpan> spans)
    {
        foreach (MboxSpan span in spans)
        {
            MboxFlags former = new(span.Flags, span.Keywords, span.IsOld, span.Uid);
            foreach (MboxPatch patch in MboxHead.Read(files, locked.File, span) is { } message ? MboxPatch.TryPlan(message, former) ?? [] : [])
                files.Write(locked.File, patch.Octets, patch.Offset);
        }

        files.Sync(locked.File);
    }
}
