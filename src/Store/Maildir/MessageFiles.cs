using FullStack.Store.Mailboxes;
using FullStack.Store.Posix;

namespace FullStack.Store.Maildir;

/// <summary>Operations on the file of one message that other programs may rename at any time. All block.</summary>
internal static class MessageFiles
{
    private const int Attempts = 3;

    /// <summary>Runs an operation on the file's path; where the name is gone, looks for the file by its base name and tries again.</summary>
    /// <param name="files">The file system.</param>
    /// <param name="folder">Where the file is.</param>
    /// <param name="entry">The message as last known.</param>
    /// <param name="operation">Takes the path; says <see cref="FileError.NotFound"/> where it is gone.</param>
    public static FileError OnFile(IMaildirFiles files, MaildirFolder folder, MessageEntry entry, Func<FilePath, FileError> operation)
    {
        (byte[] name, bool inNew) = (entry.FileName, entry.InNew);
        for (int attempt = 1; ; attempt++)
        {
            FileError result = operation(folder.Locate(name, inNew));
            if (result != FileError.NotFound || attempt == Attempts)
                return result;
            if (FolderScan.Find(files, folder, entry.FileName) is not { } found)
                return FileError.NotFound;
            (name, inNew) = (found.Name, found.InNew);
        }
    }
}
