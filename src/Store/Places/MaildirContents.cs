using FullStack.Store.Accounts;
using FullStack.Store.Maildir;
using FullStack.Store.Mailboxes;
using FullStack.Store.Posix;

namespace FullStack.Store.Places;

/// <summary>What is in a Maildir, for those who decide whether it may go or be used. All of it blocks.</summary>
internal static class MaildirContents
{
    /// <summary>Whether a Maildir is there.</summary>
    public static FileError Find(IMaildirFiles files, string maildir)
    {
        FileError found = files.Stat(new MaildirFolder(FilePath.Of(maildir)).Cur, out FileFacts facts);
        return found == FileError.None && !facts.IsDirectory ? FileError.NotFound : found;
    }

    /// <summary>Whether nothing was ever put into a Maildir: only what every account has from the beginning, and no message. One that is not there has no mail either.</summary>
    public static bool IsUnused(IMaildirFiles files, FilePath maildir)
    {
        bool isUnused = true;
        List<byte[]> folders = [[]];
        FileError listed = files.List(maildir, name =>
        {
            if (FolderNames.TryDecode(name, out MailboxName? mailbox))
            {
                folders.Add(name.ToArray());
                isUnused &= DefaultMailboxes.IsDefault(mailbox);
            }
        });
        if (listed == FileError.NotFound)
            return true;
        foreach (byte[] folder in folders)
        {
            FileError read = FolderScan.List(files, new MaildirFolder(folder.Length == 0 ? maildir : maildir.Child(folder)), out Dictionary<byte[], ListedMessage> messages);
            isUnused &= messages.Count == 0 && read is FileError.None or FileError.NotFound;
        }

        return isUnused && listed == FileError.None;
    }

    /// <summary>Removes a Maildir that nothing was ever put into, and what the index says of it; the index first, for it may not outlive the Maildir.</summary>
    /// <param name="files">The file system.</param>
    /// <param name="directory">The account's directory.</param>
    /// <param name="maildir">Its Maildir.</param>
    public static FileError RemoveUnused(IMaildirFiles files, string directory, FilePath maildir)
    {
        FilePath folder = FilePath.Of(directory);
        foreach (string name in (string[])["index.db", "index.db-wal", "index.db-shm", SideFiles.AccountFile.Name])
        {
            FileError gone = files.Unlink(folder.Child(name));
            if (gone is not (FileError.None or FileError.NotFound))
                return gone;
        }

        FileError removed = MaildirFolder.RemoveTree(files, maildir);
        return removed == FileError.NotFound ? FileError.None : removed;
    }
}
