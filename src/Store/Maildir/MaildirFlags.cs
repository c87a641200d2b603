using FullStack.Store.Mailboxes;
using FullStack.Store.Posix;

namespace FullStack.Store.Maildir;

/// <summary>Gives the files of a folder the names that go with other flags. Under the mailbox lock; blocks.</summary>
/// <remarks>Where another program changed a message's flags a moment ago, both changes are kept.</remarks>
internal sealed class MaildirFlags(MaildirMailbox own, IMaildirFiles files)
{
    private readonly MaildirFolder _folder = own.Directories;
    private readonly MessageFiles _messages = new(files, own.Directories);

    /// <summary>Changes messages.</summary>
    /// <param name="wanted">What they are to have; one that another program removed is left out.</param>
    /// <param name="modSeq">The mod-sequence of the change.</param>
    /// <param name="changes">Takes what was changed, also where the call fails half-way.</param>
    /// <param name="atWork">Takes the new names, for readers, where there are very many.</param>
    public FileError Store(IReadOnlyList<FlagWrite> wanted, ModSeq modSeq, List<EntryChange> changes, RenamesAtWork? atWork)
    {
        IReadOnlyList<string>[] lists = [.. wanted.Where(static w => !ReferenceEquals(w.Keywords, w.Entry.Keywords)).Select(static w => w.Keywords).Distinct()];
        if (lists.Length > 0)
            own.Letters.Assign(lists.SelectMany(static keywords => keywords));
        for (int i = 0; i < wanted.Count; i++)
        {
            (MessageEntry entry, SystemFlags flags, IReadOnlyList<string> keywords) = wanted[i];
            (byte[] target, bool inNew) = (entry.FileName, entry.InNew);

            // Letters that mean nothing here are kept; those of keywords that it has no more go.
            uint set = own.Letters.MaskOf(keywords), clear = own.Letters.MaskOf(entry.Keywords);
            if (flags != entry.Flags || (!ReferenceEquals(keywords, entry.Keywords) && (set | clear) != 0))
            {
                FileError renamed = Rename(wanted[i], set, clear, out target);
                if (renamed == FileError.NotFound)
                    continue; // Removed by another program: the watch will tell.
                if (renamed != FileError.None)
                    return renamed;
                inNew = false;
                atWork?.Set(i, target);
            }

            SystemFlags present = flags == entry.Flags ? flags : MaildirFileName.Flags(target);
            changes.Add(new(entry, entry.Changed(present, keywords, modSeq, target, inNew)));
        }

        return FileError.None;
    }

    private FileError Rename(FlagWrite wanted, uint set, uint clear, out byte[] target)
    {
        byte[] renamed = wanted.Entry.FileName;
        FileError error = _messages.On(wanted.Entry, (path, name) =>
        {
            SystemFlags merged = (MaildirFileName.Flags(name) & ~(wanted.Entry.Flags & ~wanted.Flags)) | (wanted.Flags & ~wanted.Entry.Flags);
            renamed = MaildirFileName.WithFlags(name, merged, set, clear);
            FilePath to = _folder.Cur.Child(renamed);
            return path.Octets.SequenceEqual(to.Octets) ? FileError.None : files.Rename(path, to);
        });
        target = renamed;
        return error;
    }
}
