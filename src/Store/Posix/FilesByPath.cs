using Microsoft.Win32.SafeHandles;

namespace FullStack.Store.Posix;

/// <summary>Files that are reached in a way of their own, and are like all others once they are open.</summary>
/// <remarks>What takes a path is for each kind to say: none may be forgotten, for what it guards would be passed by.</remarks>
/// <param name="inner">Does it.</param>
internal abstract class FilesByPath(IMaildirFiles inner) : IMaildirFiles
{
    protected IMaildirFiles Inner => inner;

    public abstract FileError Create(FilePath path, out SafeFileHandle? file);
    public abstract FileError OpenAppend(FilePath path, out SafeFileHandle? file);
    public abstract FileError OpenRead(FilePath path, out SafeFileHandle? file, out FileFacts facts);
    public abstract FileError OpenWrite(FilePath path, out SafeFileHandle? file, out FileFacts facts);
    public abstract FileError OpenUpdate(FilePath path, out SafeFileHandle? file, out FileFacts facts);
    public abstract FileError Link(FilePath from, FilePath to);
    public abstract FileError Rename(FilePath from, FilePath to);
    public abstract FileError Replace(FilePath from, FilePath to);
    public abstract FileError Unlink(FilePath path);
    public abstract FileError MakeDirectory(FilePath path);
    public abstract FileError RemoveDirectory(FilePath path);
    public abstract FileError SyncDirectory(FilePath directory);
    public abstract FileError SyncFileSystem(FilePath directory);
    public abstract FileError List(FilePath directory, NameVisitor visit, int enough = int.MaxValue);
    public abstract FileError Stat(FilePath path, out FileFacts facts);

    /// <summary>One after the other, each by its path.</summary>
    public virtual void StatEach(FilePath directory, NameSource names, Span<FileLook> looks)
    {
        for (int i = 0; i < looks.Length; i++)
        {
            FileError error = Stat(directory.Child(names(i)), out FileFacts facts);
            looks[i] = new(error, facts);
        }
    }

    /// <summary>Each file is opened by its path.</summary>
    public virtual FileError OpenDirectory(FilePath directory, out SafeFileHandle? opened)
    {
        opened = null;
        return FileError.NotSupported;
    }

    public FileError ReadIn(SafeFileHandle directory, ReadOnlySpan<byte> name, Span<byte> room, out int count) => inner.ReadIn(directory, name, room, out count);

    public FileError Read(SafeFileHandle file, Span<byte> buffer, long offset, out int count) => inner.Read(file, buffer, offset, out count);

    public FileError Write(SafeFileHandle file, ReadOnlySpan<byte> octets, long offset) => inner.Write(file, octets, offset);

    public FileError Sync(SafeFileHandle file) => inner.Sync(file);

    public FileError SetModified(SafeFileHandle file, DateTimeOffset time) => inner.SetModified(file, time);

    public FileError StatOpen(SafeFileHandle file, out FileFacts facts) => inner.StatOpen(file, out facts);

    public FileError SetLength(SafeFileHandle file, long octets) => inner.SetLength(file, octets);

    public FileError Lock(SafeFileHandle file, bool exclusive) => inner.Lock(file, exclusive);

    public FileError CopyOwner(SafeFileHandle from, SafeFileHandle to) => inner.CopyOwner(from, to);

    public void Pause(TimeSpan time) => inner.Pause(time);
}
