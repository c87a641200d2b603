using FullStack.Store.Posix;

namespace FullStack.Store.Mailboxes;

/// <summary>Opens messages.</summary>
internal static class MessageReader
{
    /// <summary>How often a file is looked for that got another name meanwhile.</summary>
    private const int Attempts = 4;

    public static async ValueTask<Result<MessageContent>> OpenAsync(Mailbox mailbox, Uid uid, CancellationToken ct)
    {
        if (mailbox.Current?.Messages.Find(uid) is not { } entry)
            return StoreError.NotFound;
        ct.ThrowIfCancellationRequested();
        mailbox.Store.Readers.Note();
        (FileError error, MessageContent? content) = await mailbox.Store.Disk.RunHereAsync(() => Open(mailbox, entry));
        return content is not null ? content
            : error == FileError.NotFound ? StoreError.NotFound
            : mailbox.Store.Fail("opening a message", mailbox.Folder.Path, error);
    }

    /// <summary>Opens messages in one visit to the disk; null for those that cannot be opened.</summary>
    public static Task<MessageContent?[]> OpenAsync(Mailbox mailbox, IReadOnlyList<Uid> uids, CancellationToken ct)
        => ct.IsCancellationRequested ? Task.FromCanceled<MessageContent?[]>(ct) : mailbox.Store.Disk.RunHereAsync(() =>
        {
            mailbox.Store.Readers.Note();
            MessageContent?[] contents = new MessageContent?[uids.Count];
            List<MessageEntry> entries = new(uids.Count);
            int[] places = new int[uids.Count];
            for (int i = 0; i < contents.Length; i++)
            {
                if (mailbox.Current?.Messages.Find(uids[i]) is not { } entry)
                    continue;
                places[entries.Count] = i;
                entries.Add(entry);
            }

            mailbox.Folder.VisitSmall(entries, (i, stored) =>
            {
                byte[] octets = GC.AllocateUninitializedArray<byte>(stored.Length);
                stored.CopyTo(octets);
                contents[places[i]] = new(mailbox.Store, null, octets);
            });
            for (int i = 0; i < entries.Count; i++)
                contents[places[i]] ??= Open(mailbox, entries[i]).Item2;
            return contents;
        });

    /// <summary>Opens the message. Blocks.</summary>
    public static FileError OpenOctets(Mailbox mailbox, MessageEntry entry, out IMessageOctets? octets)
    {
        // The name may be one that another session has just changed, or changes while the file is looked for.
        MessageEntry latest = mailbox.Current?.Messages.Find(entry.Uid) ?? entry, tried;
        FileError opened;
        int attempts = 0;
        do
        {
            (tried, attempts) = (latest, attempts + 1);
            opened = mailbox.Folder.Open(tried, out octets);
            latest = mailbox.Current?.Messages.Find(entry.Uid) ?? tried;
        }
        while (opened == FileError.NotFound && attempts < Attempts && (latest.InNew != tried.InNew || !latest.FileName.AsSpan().SequenceEqual(tried.FileName)));
        return opened;
    }

    /// <summary>Opens the message and reads its beginning. Blocks.</summary>
    public static (FileError, MessageContent?) Open(Mailbox mailbox, MessageEntry entry)
    {
        FileError opened = OpenOctets(mailbox, entry, out IMessageOctets? octets);
        if (octets is null)
            return (opened, null);
        byte[] start = GC.AllocateUninitializedArray<byte>((int)Math.Min(octets.Count, MessageContent.StartOctets));
        int filled = 0;
        while (filled < start.Length)
        {
            FileError read = octets.Read(start.AsSpan(filled), filled, out int count);
            if (read != FileError.None || count == 0)
            {
                octets.Dispose();
                return (FileError.Failed, null);
            }

            filled += count;
        }

        if (filled < octets.Count)
            return (FileError.None, new MessageContent(mailbox.Store, octets, start));
        octets.Dispose(); // all of it is here: a message that waits to be sent holds no file open
        return (FileError.None, new MessageContent(mailbox.Store, null, start));
    }
}
