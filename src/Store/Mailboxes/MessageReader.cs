using FullStack.Store.Posix;
using Microsoft.Win32.SafeHandles;

namespace FullStack.Store.Mailboxes;

/// <summary>Opens message files.</summary>
internal static class MessageReader
{
    public static async ValueTask<Result<MessageContent>> OpenAsync(Mailbox mailbox, Uid uid, CancellationToken ct)
    {
        if (mailbox.Snapshot.Messages.Find(uid) is not { } entry)
            return StoreError.NotFound;
        (FileError error, MessageContent? content) = await mailbox.Store.Disk.RunAsync(() => Open(mailbox, entry), ct);
        return content is not null ? content
            : error == FileError.NotFound ? StoreError.NotFound
            : mailbox.Store.Fail("opening a message", mailbox.Folder.Path, error);
    }

    /// <summary>Opens the file and reads its beginning. Blocks.</summary>
    public static (FileError, MessageContent?) Open(Mailbox mailbox, MessageEntry entry)
    {
        SafeFileHandle? file = null;
        FileFacts facts = default;
        IMaildirFiles files = mailbox.Store.Files;

        // The name may be one that another session has just changed.
        MessageEntry latest = mailbox.Snapshot.Messages.Find(entry.Uid) ?? entry;
        FileError opened = MessageFiles.OnFile(mailbox, latest, path => files.OpenRead(path, out file, out facts), out _);
        if (opened != FileError.None)
            return (opened, null);

        byte[] start = new byte[(int)Math.Min(facts.Octets, MessageContent.StartOctets)];
        int filled = 0;
        while (filled < start.Length)
        {
            FileError read = files.Read(file!, start.AsSpan(filled), filled, out int count);
            if (read != FileError.None || count == 0)
            {
                file!.Dispose();
                return (FileError.Failed, null);
            }

            filled += count;
        }

        return (FileError.None, new MessageContent(mailbox.Store, file!, facts.Octets, start));
    }
}
