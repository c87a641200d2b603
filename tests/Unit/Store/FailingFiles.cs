using System.Text;
using FullStack.Store.Posix;
using Microsoft.Win32.SafeHandles;

namespace FullStack.Unit.Store;

/// <summary>The real files, with one call that fails: the n-th from when it is armed.</summary>
internal sealed class FailingFiles(IMaildirFiles real) : IMaildirFiles
{
    private int _left = int.MaxValue;
    private long _octetsRead;

    /// <summary>The calls made since it was armed.</summary>
    public List<string> Calls { get; } = [];

    /// <summary>Octets read from files so far.</summary>
    public long OctetsRead => Interlocked.Read(ref _octetsRead);

    public FileError Error { get; set; } = FileError.NoSpace;

    /// <summary>A kind of call that never works.</summary>
    public string AlwaysFails { get; init; } = "";

    /// <summary>Fails also calls that take names away or only read, which a full disk does not fail.</summary>
    public bool FailsAll { get; init; }

    /// <summary>Whether a call on a path fails, besides the one that is armed.</summary>
    public Func<string, string, bool> FailsAt { get; set; } = static (_, _) => false;

    /// <summary>Whether listings miss a name.</summary>
    public Func<string, bool> Overlooks { get; set; } = static _ => false;

    /// <summary>Called with each directory that is listed, before its names are told. A file that it renames is told of by neither name: it says how both begin.</summary>
    public Func<string, string?>? WhileListing { get; set; }

    /// <summary>Called before anything is written to any file.</summary>
    public Action? BeforeWrite { get; set; }

    /// <summary>Fails the call of that number, from 1, and no other.</summary>
    public void Arm(int call)
    {
        lock (Calls)
        {
            Calls.Clear();
            _left = call;
        }
    }

    public FileError Create(FilePath path, out SafeFileHandle? file)
    {
        file = null;
        return Fails("create", path) ? Error : real.Create(path, out file);
    }

    public FileError OpenAppend(FilePath path, out SafeFileHandle? file)
    {
        file = null;
        return Fails("open append", path) ? Error : real.OpenAppend(path, out file);
    }

    public FileError Write(SafeFileHandle file, ReadOnlySpan<byte> octets, long offset)
    {
        BeforeWrite?.Invoke();
        return Fails("write") ? Error : real.Write(file, octets, offset);
    }

    public FileError Sync(SafeFileHandle file) => Fails("sync") ? Error : real.Sync(file);

    public FileError SyncDirectory(FilePath directory) => Fails("sync directory") ? Error : real.SyncDirectory(directory);

    public FileError SyncFileSystem(FilePath directory) => Fails("sync file system") ? Error : real.SyncFileSystem(directory);

    public FileError SetModified(SafeFileHandle file, DateTimeOffset time) => Fails("set time") ? Error : real.SetModified(file, time);

    public FileError Link(FilePath from, FilePath to) => Fails("link", to) ? Error : real.Link(from, to);

    public FileError Rename(FilePath from, FilePath to) => Fails("rename", to) ? Error : real.Rename(from, to);

    public FileError Replace(FilePath from, FilePath to) => Fails("replace") ? Error : real.Replace(from, to);

    public FileError Unlink(FilePath path) => FailsAt("unlink", path.ToString()) || FailsAll && Fails("unlink") ? Error : real.Unlink(path);

    public FileError MakeDirectory(FilePath path) => FailsAll && Fails("make directory") ? Error : real.MakeDirectory(path);

    public FileError RemoveDirectory(FilePath path) => FailsAll && Fails("remove directory") ? Error : real.RemoveDirectory(path);

    public FileError List(FilePath directory, NameVisitor visit, int enough = int.MaxValue)
    {
        if (FailsAt("list", directory.ToString()) || FailsAll && Fails("list"))
            return Error;
        string? renamed = WhileListing?.Invoke(directory.ToString());
        return real.List(
            directory,
            name =>
            {
                string text = Encoding.UTF8.GetString(name);
                if (!Overlooks(text) && (renamed is null || !text.StartsWith(renamed, StringComparison.Ordinal)))
                    visit(name);
            },
            enough);
    }

    public FileError Stat(FilePath path, out FileFacts facts)
    {
        facts = default;
        return FailsAll && Fails("stat") ? Error : real.Stat(path, out facts);
    }

    public FileError OpenRead(FilePath path, out SafeFileHandle? file, out FileFacts facts)
    {
        (file, facts) = (null, default);
        return FailsAt("open", path.ToString()) || FailsAll && Fails("open") ? Error : real.OpenRead(path, out file, out facts);
    }

    public FileError OpenWrite(FilePath path, out SafeFileHandle? file, out FileFacts facts)
    {
        (file, facts) = (null, default);
        return Fails("open for writing", path) ? Error : real.OpenWrite(path, out file, out facts);
    }

    public FileError OpenUpdate(FilePath path, out SafeFileHandle? file, out FileFacts facts)
    {
        (file, facts) = (null, default);
        return FailsAt("open", path.ToString()) || FailsAll && Fails("open") ? Error : real.OpenUpdate(path, out file, out facts);
    }

    public FileError StatOpen(SafeFileHandle file, out FileFacts facts)
    {
        facts = default;
        return FailsAll && Fails("stat") ? Error : real.StatOpen(file, out facts);
    }

    public FileError SetLength(SafeFileHandle file, long octets) => Fails("set length") ? Error : real.SetLength(file, octets);

    public FileError Lock(SafeFileHandle file, bool exclusive) => FailsAll && Fails("lock") ? Error : real.Lock(file, exclusive);

    public void Pause(TimeSpan time) => real.Pause(time);

    public FileError CopyOwner(SafeFileHandle from, SafeFileHandle to) => Fails("copy owner") ? Error : real.CopyOwner(from, to);

    public FileError Read(SafeFileHandle file, Span<byte> buffer, long offset, out int count)
    {
        count = 0;
        FileError error = FailsAt("read", $"at {offset}") || FailsAll && Fails("read") ? Error : real.Read(file, buffer, offset, out count);
        Interlocked.Add(ref _octetsRead, count);
        return error;
    }

    private bool Fails(string call, FilePath path) => Fails(call) || FailsAt(call, path.ToString());

    private bool Fails(string call)
    {
        lock (Calls)
        {
            Calls.Add(call);
            return --_left == 0 || call == AlwaysFails;
        }
    }
}
