using FullStack.Store.Posix;
using Microsoft.Win32.SafeHandles;

namespace FullStack.Unit.Store.Import;

/// <summary>The real files, until the process "is killed": from a chosen call on, none is made any more.</summary>
internal sealed class DyingFiles(IMaildirFiles real, int lastCall) : IMaildirFiles
{
    /// <summary>Calls that were made.</summary>
    public int Calls { get; private set; }

    public FileError Create(FilePath path, out SafeFileHandle? file) => Alive().Create(path, out file);

    public FileError OpenAppend(FilePath path, out SafeFileHandle? file) => Alive().OpenAppend(path, out file);
    public FileError OpenWrite(FilePath path, out SafeFileHandle? file, out FileFacts facts) => Alive().OpenWrite(path, out file, out facts);

    public FileError Write(SafeFileHandle file, ReadOnlySpan<byte> octets, long offset)
    {
        // Half of it is written when the end comes.
        if (Calls == lastCall)
            real.Write(file, octets[..(octets.Length / 2)], offset);
        return Alive().Write(file, octets, offset);
    }

    public FileError Sync(SafeFileHandle file) => Alive().Sync(file);
    public FileError SyncDirectory(FilePath directory) => Alive().SyncDirectory(directory);
    public FileError SyncFileSystem(FilePath directory) => Alive().SyncFileSystem(directory);
    public FileError SetModified(SafeFileHandle file, DateTimeOffset time) => Alive().SetModified(file, time);
    public FileError Link(FilePath from, FilePath to) => Alive().Link(from, to);
    public FileError Rename(FilePath from, FilePath to) => Alive().Rename(from, to);
    public FileError Replace(FilePath from, FilePath to) => Alive().Replace(from, to);
    public FileError Unlink(FilePath path) => Alive().Unlink(path);
    public FileError MakeDirectory(FilePath path) => Alive().MakeDirectory(path);
    public FileError RemoveDirectory(FilePath path) => Alive().RemoveDirectory(path);
    public FileError List(FilePath directory, NameVisitor visit, int enough = int.MaxValue) => real.List(directory, visit, enough);
    public FileError Stat(FilePath path, out FileFacts facts) => real.Stat(path, out facts);
    public FileError OpenRead(FilePath path, out SafeFileHandle? file, out FileFacts facts) => real.OpenRead(path, out file, out facts);
    public FileError Read(SafeFileHandle file, Span<byte> buffer, long offset, out int count) => real.Read(file, buffer, offset, out count);

    public FileError OpenUpdate(FilePath path, out SafeFileHandle? file, out FileFacts facts) => Alive().OpenUpdate(path, out file, out facts);
    public FileError StatOpen(SafeFileHandle file, out FileFacts facts) => real.StatOpen(file, out facts);
    public FileError SetLength(SafeFileHandle file, long octets) => Alive().SetLength(file, octets);
    public FileError Lock(SafeFileHandle file, bool exclusive) => Alive().Lock(file, exclusive);
    public void Pause(TimeSpan time) => real.Pause(time);
    public FileError CopyOwner(SafeFileHandle from, SafeFileHandle to) => Alive().CopyOwner(from, to);

    private IMaildirFiles Alive() => Calls++ < lastCall ? real : throw new OperationCanceledException("killed");
}
