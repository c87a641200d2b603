using FullStack.Store.Posix;
using Microsoft.Win32.SafeHandles;

namespace FullStack.Store.Maildir;

/// <summary>The three directories of one mailbox.</summary>
internal sealed class MaildirFolder(FilePath path)
{
    public FilePath Path { get; } = path;
    public FilePath Tmp { get; } = path.Child("tmp"u8);
    public FilePath New { get; } = path.Child("new"u8);
    public FilePath Cur { get; } = path.Child("cur"u8);

    /// <summary>Where a message file lies.</summary>
    public FilePath Locate(ReadOnlySpan<byte> fileName, bool inNew) => (inNew ? New : Cur).Child(fileName);

    /// <summary>Looks for a message by its name, whatever flags and sizes it has got. It lists the folder.</summary>
    /// <returns><see cref="FileError.NotFound"/> where it is not there.</returns>
    public FileError Find(IMaildirFiles files, byte[] name)
    {
        byte[] unsized = Unsized(name).ToArray();
        bool isThere = false;

        // In this order: messages go from new/ to cur/. Twice: of one that gets flags while a directory is read neither name need be told.
        foreach (FilePath directory in (FilePath[])[New, Cur, New, Cur])
        {
            FileError error = files.List(directory, entry => isThere |= Unsized(entry).SequenceEqual(unsized));
            if (isThere || error is not (FileError.None or FileError.NotFound))
                return isThere ? FileError.None : error;
        }

        return FileError.NotFound;

        static ReadOnlySpan<byte> Unsized(ReadOnlySpan<byte> entry) => entry.IndexOfAny((byte)',', (byte)':') is var end and >= 0 ? entry[..end] : entry;
    }

    /// <summary>
    /// Makes what is missing of the folder, and syncs every directory that got a new name. What was made and could not be
    /// synced is removed: who finds a directory later may rely on it.
    /// </summary>
    /// <param name="files">The file system.</param>
    /// <param name="marker">Whether the folder is below INBOX and needs the file that tells delivery programs so.</param>
    public FileError Make(IMaildirFiles files, bool marker)
    {
        List<FilePath> made = [];
        FileError error = Make(files, marker, made);
        if (error != FileError.None)
        {
            foreach (FilePath directory in Enumerable.Reverse(made))
                files.RemoveDirectory(directory);
        }

        return error;
    }

    private FileError Make(IMaildirFiles files, bool marker, List<FilePath> made)
    {
        foreach (FilePath directory in (FilePath[])[Path, Tmp, New, Cur])
        {
            FileError error = files.MakeDirectory(directory);
            if (error == FileError.None)
                made.Add(directory);
            else if (error != FileError.Exists)
                return error;
        }

        if (made.Count == 0)
            return FileError.None;
        if (!marker)
            return files.SyncDirectory(Path);
        FilePath markerFile = Path.Child("maildirfolder"u8);
        FileError marked = files.Create(markerFile, out SafeFileHandle? file);
        file?.Dispose();
        if (marked is not (FileError.None or FileError.Exists))
            return marked;
        FileError synced = files.SyncDirectory(Path);
        if (synced != FileError.None && marked == FileError.None)
            files.Unlink(markerFile);
        return synced;
    }

    /// <summary>Makes a directory and all above it that are missing, each durable in its parent or removed again.</summary>
    public static FileError MakeTree(IMaildirFiles files, string path)
    {
        FilePath here = FilePath.Of(path);
        FileError made = files.MakeDirectory(here);
        string? parent = System.IO.Path.GetDirectoryName(path);
        if (made == FileError.NotFound && parent is not null)
        {
            FileError above = MakeTree(files, parent);
            if (above != FileError.None)
                return above;
            made = files.MakeDirectory(here);
        }

        if (made != FileError.None || parent is null)
            return made == FileError.Exists ? FileError.None : made;
        made = files.SyncDirectory(FilePath.Of(parent));
        if (made != FileError.None)
            files.RemoveDirectory(here);
        return made;
    }

    /// <summary>Removes a directory with all below it; what is gone already is no error.</summary>
    public static FileError RemoveTree(IMaildirFiles files, FilePath path)
    {
        List<byte[]> names = [];
        FileError listed = files.List(path, name => names.Add(name.ToArray()));
        if (listed != FileError.None)
            return listed;
        foreach (byte[] name in names)
        {
            FilePath child = path.Child(name);
            FileError removed = files.Unlink(child);
            if (removed is FileError.None or FileError.NotFound)
                continue;
            removed = RemoveTree(files, child);
            if (removed is not (FileError.None or FileError.NotFound))
                return removed;
        }

        return files.RemoveDirectory(path);
    }
}
