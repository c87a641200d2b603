using FullStack.Store.Outside;
using Microsoft.Win32.SafeHandles;

namespace FullStack.Store.Posix;

/// <summary>Files opened, made and removed with another user's rights; all but those below the mail store, which stay its own.</summary>
internal sealed class FilesOfOthers(IMaildirFiles inner, UnixUser user, string root) : FilesByPath(inner)
{
    public override FileError Create(FilePath path, out SafeFileHandle? file)
    {
        using (RightsFor(path))
            return Inner.Create(path, out file);
    }

    public override FileError OpenAppend(FilePath path, out SafeFileHandle? file)
    {
        using (RightsFor(path))
            return Inner.OpenAppend(path, out file);
    }

    public override FileError Link(FilePath from, FilePath to)
    {
        using (RightsFor(to))
            return Inner.Link(from, to);
    }

    public override FileError Rename(FilePath from, FilePath to)
    {
        using (RightsFor(to))
            return Inner.Rename(from, to);
    }

    public override FileError Replace(FilePath from, FilePath to)
    {
        using (RightsFor(to))
            return Inner.Replace(from, to);
    }

    public override FileError Unlink(FilePath path)
    {
        using (RightsFor(path))
            return Inner.Unlink(path);
    }

    public override FileError MakeDirectory(FilePath path)
    {
        using (RightsFor(path))
            return Inner.MakeDirectory(path);
    }

    public override FileError RemoveDirectory(FilePath path)
    {
        using (RightsFor(path))
            return Inner.RemoveDirectory(path);
    }

    public override FileError List(FilePath directory, NameVisitor visit, int enough = int.MaxValue)
    {
        using (RightsFor(directory))
            return Inner.List(directory, visit, enough);
    }

    public override FileError Stat(FilePath path, out FileFacts facts)
    {
        using (RightsFor(path))
            return Inner.Stat(path, out facts);
    }

    public override FileError OpenRead(FilePath path, out SafeFileHandle? file, out FileFacts facts)
    {
        using (RightsFor(path))
            return Inner.OpenRead(path, out file, out facts);
    }

    public override FileError OpenWrite(FilePath path, out SafeFileHandle? file, out FileFacts facts)
    {
        using (RightsFor(path))
            return Inner.OpenWrite(path, out file, out facts);
    }

    public override FileError OpenUpdate(FilePath path, out SafeFileHandle? file, out FileFacts facts)
    {
        using (RightsFor(path))
            return Inner.OpenUpdate(path, out file, out facts);
    }

    /// <summary>Needs nobody's rights: a directory that its owner may write to and not read can be made durable all the same.</summary>
    public override FileError SyncDirectory(FilePath directory) => Inner.SyncDirectory(directory);

    public override FileError SyncFileSystem(FilePath directory) => Inner.SyncFileSystem(directory);

    private FileRights RightsFor(FilePath path)
        => path.ToString().StartsWith(root + "/", StringComparison.Ordinal) ? default : FileRights.Take(user);
}
