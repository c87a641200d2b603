using FullStack.Store.Posix;
using Microsoft.Win32.SafeHandles;

namespace FullStack.Store.Spool;

/// <summary>A message that is being dropped. Disposed without <see cref="Commit"/>, nothing of it stays.</summary>
public sealed class DropWriter : IDisposable
{
    private const UnixFileMode OwnerAndServer = UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.GroupRead;

    private readonly string _file;
    private readonly string _folder;
    private readonly SyncMode _sync;
    private readonly FileStream _stream;
    private bool _isCommitted;

    internal DropWriter(string file, string folder, SyncMode sync)
    {
        (_file, _folder, _sync) = (file, folder, sync);
        _stream = new(Temporary, new FileStreamOptions { Mode = FileMode.CreateNew, Access = FileAccess.Write, UnixCreateMode = OwnerAndServer });
        File.SetUnixFileMode(_stream.SafeFileHandle, OwnerAndServer); // whatever the user's umask takes away
    }

    /// <summary>Takes the message. It can be written over until it is committed.</summary>
    public Stream Content => _stream;

    private string Temporary => _file + DropFolder.Unfinished;

    /// <summary>Hands the message over: durable on return.</summary>
    /// <exception cref="IOException">It cannot be made durable; it was not handed over.</exception>
    public void Commit()
    {
        _stream.Flush(flushToDisk: _sync != SyncMode.None);
        File.Move(Temporary, _file);
        _isCommitted = true;
        if (_sync == SyncMode.None || SyncName())
            return;
        File.Delete(_file);
        throw new IOException($"{_folder} cannot be synced");
    }

    public void Dispose()
    {
        _stream.Dispose();
        if (!_isCommitted)
            File.Delete(Temporary);
    }

    /// <summary>Who may drop a file may not read the folder, and so not sync it: then all of the file system has to be.</summary>
    private bool SyncName()
    {
        int number = Libc.Open(FilePath.Of(_folder).Octets, Libc.OpenRead | Libc.OpenCloseOnExec, 0);
        if (number < 0)
            return Libc.SyncFileSystem(_stream.SafeFileHandle) == 0;
        using SafeFileHandle folder = new(number, ownsHandle: true);
        return Libc.FSync(folder) == 0;
    }
}
