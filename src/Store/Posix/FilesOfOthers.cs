using FullStack.Store.Outside;
using Microsoft.Win32.SafeHandles;

namespace FullStack.Store.Posix;

/// <summary>Files opened, made and removed with another user's rights; all but those below the mail store, which stay its own.</summary>
internal sealed class FilesOfOthers(IMaildirFiles inner, UnixUser user, string root) : IMaildirFiles
{
    public FileError Create(FilePath path, out SafeFileHandle? file)
    {
        using (RightsFor(path))
            return inner.Create(path, out file);
    }

    public FileError OpenAppend(FilePath path, out SafeFileHandle? file)
    {
        using (RightsFor(path))
            return inner.OpenAppend(path, out file);
    }

    public FileError Link(FilePath from, FilePath to)
    {
        using (RightsFor(to))
            return inner.Link(from, to);
    }

    public FileError Rename(FilePath from, FilePath to)
    {
        using (RightsFor(to))
            return inner.Rename(from, to);
    }

    public FileError Replace(FilePath from, FilePath to)
    {
        using (RightsFor(to))
            return inner.Replace(from, to);
    }

    public FileError Unlink(FilePath path)
    {
        using (RightsFor(path))
            return inner.Unlink(path);
    }

    public FileError MakeDirectory(FilePath path)
    {
        using (RightsFor(path))
            return inner.MakeDirectory(path);
    }

    public FileError RemoveDirectory(FilePath path)
    {
        using (RightsFor(path))
            return inner.RemoveDirectory(path);
    }

    public FileError List(FilePath directory, NameVisitor visit)
    {
        using (RightsFor(directory))
            return inner.List(directory, visit);
    }

    public FileError Stat(FilePath path, out FileFacts facts)
    {
        using (RightsFor(path))
            return inner.Stat(path, out facts);
    }

    public FileError OpenRead(FilePath path, out SafeFileHandle? file, out FileFacts facts)
    {
        using (RightsFor(path))
            return inner.OpenRead(path, out file, out facts);
    }

    public FileError OpenWrite(FilePath path, out SafeFileHandle? file, out FileFacts facts)
    {
        using (RightsFor(path))
            return inner.OpenWrite(path, out file, out facts);
    }

    public FileError OpenUpdate(FilePath path, out SafeFileHandle? file, out FileFacts facts)
    {
        using (RightsFor(path))
            return inner.OpenUpdate(path, out file, out facts);
    }

    public FileError Write(SafeFileHandle file, ReadOnlySpan<byte> octets, long offset) => inner.Write(file, octets, offset);

    public FileError Sync(SafeFileHandle file) => inner.Sync(file);

    /// <summary>Needs nobody's rights: a directory that its owner may write to and not read can be made durable all the same.</summary>
    public FileError SyncDirectory(FilePath directory) => inner.SyncDirectory(directory);

    public FileError SyncFileSystem(FilePath directory) => inner.SyncFileSystem(directory);

    public FileError SetModified(SafeFileHandle file, DateTimeOffset time) => inner.SetModified(file, time);

    public FileError StatOpen(SafeFileHandle file, out FileFacts facts) => inner.StatOpen(file, out facts);

    public FileError SetLength(SafeFileHandle file, long octets) => inner.SetLength(file, octets);

    public FileError Lock(SafeFileHandle file, bool exclusive) => inner.Lock(file, exclusive);

    public void Pause(TimeSpan time) => inner.Pause(time);

    public FileError CopyOwner(SafeFileHandle from, SafeFileHandle to) => inner.CopyOwner(from, to);

    public FileError Read(SafeFileHandle file, Span<byte> buffer, long offset, out int count) => inner.Read(file, buffer, offset, out count);

    private FileRights RightsFor(FilePath path)
        => path.ToString().StartsWith(root + "/", StringComparison.Ordinal) ? default : FileRights.Take(user);
}
