using Microsoft.Win32.SafeHandles;

namespace FullStack.Store.Posix;

/// <summary>Takes one name of a directory listing.</summary>
internal delegate void NameVisitor(ReadOnlySpan<byte> name);

/// <summary>What the file system says of a file.</summary>
/// <param name="Octets">Its length.</param>
/// <param name="ModifiedSeconds">Its modification time, whole Unix seconds.</param>
/// <param name="ModifiedNanoseconds">The rest of the modification time.</param>
/// <param name="IsDirectory">Whether it is a directory.</param>
/// <param name="IsFile">Whether it is a regular file.</param>
/// <param name="Identity">Which file it is.</param>
internal readonly record struct FileFacts(
    long Octets, long ModifiedSeconds, uint ModifiedNanoseconds, bool IsDirectory, bool IsFile, FileIdentity Identity)
{
    /// <summary>What its names have in common, on one file system.</summary>
    public ulong Inode => Identity.Inode;

    /// <summary>
    /// When anything about it was changed last, whole Unix seconds and the rest. No program can set it back. Not part of equality: changing an owner or
    /// a mode changes no content.
    /// </summary>
    public (long Seconds, uint Nanoseconds) Changed { get; init; }

    public bool Equals(FileFacts other)
        => (Octets, ModifiedSeconds, ModifiedNanoseconds, IsDirectory, IsFile, Identity)
            == (other.Octets, other.ModifiedSeconds, other.ModifiedNanoseconds, other.IsDirectory, other.IsFile, other.Identity);

    public override int GetHashCode() => HashCode.Combine(Octets, ModifiedSeconds, ModifiedNanoseconds, Identity);
}

/// <summary>Gives the name of a number from 0.</summary>
internal delegate ReadOnlySpan<byte> NameSource(int number);

/// <summary>What came of looking at a file.</summary>
internal readonly record struct FileLook(FileError Error, FileFacts Facts);

/// <summary>
/// Every effect that the store has on message files and folders. All calls block, so they belong on
/// <see cref="DiskThreads"/>. Tests put a scripted one in front that fails a chosen call.
/// </summary>
internal interface IMaildirFiles
{
    /// <summary>Makes a file that was not there, mode 0600, for writing.</summary>
    FileError Create(FilePath path, out SafeFileHandle? file);

    /// <summary>Opens a file that is there, for writing: each write goes to its end, whatever the offset.</summary>
    FileError OpenAppend(FilePath path, out SafeFileHandle? file);

    FileError Write(SafeFileHandle file, ReadOnlySpan<byte> octets, long offset);

    /// <summary>Returns when the file's octets are on the disk.</summary>
    FileError Sync(SafeFileHandle file);

    /// <summary>Returns when the directory's names are on the disk.</summary>
    FileError SyncDirectory(FilePath directory);

    /// <summary>Returns when all that was done before on the file system of a directory is on the disk, by whatever process.</summary>
    FileError SyncFileSystem(FilePath directory);

    FileError SetModified(SafeFileHandle file, DateTimeOffset time);

    FileError Link(FilePath from, FilePath to);

    /// <summary>Renames in one step; never replaces a file.</summary>
    FileError Rename(FilePath from, FilePath to);

    /// <summary>Renames in one step; a file that has the name already is gone.</summary>
    FileError Replace(FilePath from, FilePath to);

    FileError Unlink(FilePath path);

    FileError MakeDirectory(FilePath path);

    FileError RemoveDirectory(FilePath path);

    /// <summary>Names of a directory but <c>.</c> and <c>..</c>, in no order: all of them, or at least <paramref name="enough"/>.</summary>
    FileError List(FilePath directory, NameVisitor visit, int enough = int.MaxValue);

    FileError Stat(FilePath path, out FileFacts facts);

    /// <summary>Looks at several names of one directory.</summary>
    /// <param name="directory">The directory.</param>
    /// <param name="names">Gives the names, as a listing gave them.</param>
    /// <param name="looks">Takes what came of each.</param>
    void StatEach(FilePath directory, NameSource names, Span<FileLook> looks)
    {
        for (int i = 0; i < looks.Length; i++)
        {
            FileError error = Stat(directory.Child(names(i)), out FileFacts facts);
            looks[i] = new(error, facts);
        }
    }

    /// <summary>Opens a directory whose files are to be read by <see cref="ReadIn"/>; <see cref="FileError.NotSupported"/> where each has to be opened by its path.</summary>
    FileError OpenDirectory(FilePath directory, out SafeFileHandle? opened)
    {
        opened = null;
        return FileError.NotSupported;
    }

    /// <summary>Opens a file of an open directory, reads once from its start, and closes it: a small file in as few calls as can be.</summary>
    /// <param name="directory">The directory.</param>
    /// <param name="name">A name in it.</param>
    /// <param name="room">Takes the octets.</param>
    /// <param name="count">
    /// How many there were. Neither what kind of file it is was asked nor how long it is: who has read as many as he knows it to have, and has room for more, has all of it;
    /// anything else is for <see cref="OpenRead"/> to tell.
    /// </param>
    FileError ReadIn(SafeFileHandle directory, ReadOnlySpan<byte> name, Span<byte> room, out int count)
    {
        count = 0;
        return FileError.NotSupported;
    }

    /// <summary>Opens a regular file.</summary>
    FileError OpenRead(FilePath path, out SafeFileHandle? file, out FileFacts facts);

    /// <summary>Opens a regular file for writing; what it holds stays.</summary>
    FileError OpenWrite(FilePath path, out SafeFileHandle? file, out FileFacts facts);

    /// <summary>Opens a regular file that is there, to read and to write in place.</summary>
    FileError OpenUpdate(FilePath path, out SafeFileHandle? file, out FileFacts facts);

    /// <summary>What the file system says of an open file now.</summary>
    FileError StatOpen(SafeFileHandle file, out FileFacts facts);

    /// <summary>Makes a file longer, with NUL, or shorter: in one step, also after a power cut.</summary>
    FileError SetLength(SafeFileHandle file, long octets);

    /// <summary>
    /// Locks a whole file, against other programs' fcntl locks and this process's others, until the handle is closed.
    /// <see cref="FileError.Locked"/> where somebody else has it. A shared lock needs a file open for reading, one alone a file open for both.
    /// </summary>
    FileError Lock(SafeFileHandle file, bool exclusive);

    /// <summary>Lets another program go on that has a lock. Real time, whatever the clock is: the other program has no other.</summary>
    void Pause(TimeSpan time);

    /// <summary>Gives a file the owner, group and mode of another, as far as this process may.</summary>
    FileError CopyOwner(SafeFileHandle from, SafeFileHandle to);

    /// <summary>Reads at an offset; <paramref name="count"/> 0 is the end.</summary>
    FileError Read(SafeFileHandle file, Span<byte> buffer, long offset, out int count);
}
