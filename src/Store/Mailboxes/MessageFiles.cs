using FullStack.Store.Posix;

namespace FullStack.Store.Mailboxes;

/// <summary>Operations on the file of one message that other programs may rename at any time. All block.</summary>
internal static class MessageFiles
{
    private const int Attempts = 3;

    /// <summary>Runs an operation on the file's path; where the name is gone, looks for the file by its base name and tries again.</summary>
    /// <param name="mailbox">The mailbox.</param>
    /// <param name="entry">The message as last known.</param>
    /// <param name="operation">Takes the path; says <see cref="FileError.NotFound"/> where it is gone.</param>
    /// <param name="name">The name under which the operation ended.</param>
    public static FileError OnFile(Mailbox mailbox, MessageEntry entry, Func<FilePath, FileError> operation, out ListedFile name)
    {
        name = new(entry.FileName, entry.InNew);
        for (int attempt = 1; ; attempt++)
        {
            FileError result = operation(mailbox.Folder.Locate(name.Name, name.InNew));
            if (result != FileError.NotFound || attempt == Attempts)
                return result;
            if (FolderScan.Find(mailbox.Store.Files, mailbox.Folder, entry.FileName) is not { } found)
                return FileError.NotFound;
            name = found;
        }
    }
}
