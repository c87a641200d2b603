using System.Buffers;
using System.Buffers.Binary;
using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;

namespace FullStack.Store.Posix;

/// <summary>The real file system.</summary>
internal sealed class PosixFiles(SyncMode sync, StoreMetrics? metrics = null) : IMaildirFiles
{
    private const int ListBufferOctets = 128 * 1024;

    /// <summary>NAME_MAX: no directory holds a longer name.</summary>
    private const int MaxNameOctets = 255;

    public FileError Create(FilePath path, out SafeFileHandle? file)
        => Open(path, Libc.OpenWrite | Libc.OpenCreate | Libc.OpenExclusive, out file);

    public FileError OpenAppend(FilePath path, out SafeFileHandle? file)
        => Open(path, Libc.OpenWrite | Libc.OpenAppend | Libc.OpenNonBlocking, out file);

    public FileError Write(SafeFileHandle file, ReadOnlySpan<byte> octets, long offset)
    {
        try
        {
            RandomAccess.Write(file, octets, offset);
            return FileError.None;
        }
        catch (IOException e)
        {
            return Errno.ToFileError(e.HResult) is FileError.NoSpace ? FileError.NoSpace : FileError.Failed;
        }
    }

    public FileError Sync(SafeFileHandle file)
        => sync == SyncMode.None ? FileError.None : Measured("file", file, Libc.FSync);

    public FileError SyncDirectory(FilePath directory) => SyncAt(directory, "directory", Libc.FSync);

    public FileError SyncFileSystem(FilePath directory) => SyncAt(directory, "filesystem", Libc.SyncFileSystem);

    private FileError SyncAt(FilePath directory, string what, Func<SafeFileHandle, int> call)
    {
        if (sync == SyncMode.None)
            return FileError.None;
        FileError opened = Open(directory, Libc.OpenRead, out SafeFileHandle? handle);
        if (opened != FileError.None)
            return opened;
        using (handle)
            return Measured(what, handle!, call);
    }

    private FileError Measured(string what, SafeFileHandle handle, Func<SafeFileHandle, int> sync)
    {
        long began = metrics?.Begin() ?? 0;
        FileError error = sync(handle) == 0 ? FileError.None : Libc.LastError();
        metrics?.Synced(what, began);
        return error;
    }

    public FileError SetModified(SafeFileHandle file, DateTimeOffset time)
    {
        try
        {
            File.SetLastWriteTimeUtc(file, time.UtcDateTime);
            return FileError.None;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return FileError.Failed;
        }
    }

    public FileError Link(FilePath from, FilePath to) => Checked(Libc.Link(from.Octets, to.Octets));

    public FileError Rename(FilePath from, FilePath to)
    {
        FileError renamed = Checked(Libc.RenameAt2(
            Libc.AtWorkingDirectory, from.Octets, Libc.AtWorkingDirectory, to.Octets, Libc.RenameNoReplace));
        if (renamed != FileError.NotSupported)
            return renamed;

        // File systems without RENAME_NOREPLACE (NFS): the file has both names for a moment, and never replaces another.
        FileError linked = Link(from, to);
        return linked == FileError.None ? Unlink(from) : linked;
    }

    public FileError Replace(FilePath from, FilePath to)
        => Checked(Libc.RenameAt2(Libc.AtWorkingDirectory, from.Octets, Libc.AtWorkingDirectory, to.Octets, 0));

    public FileError Unlink(FilePath path) => Checked(Libc.Unlink(path.Octets));

    public FileError MakeDirectory(FilePath path) => Checked(Libc.MkDir(path.Octets, 0x1C0));

    public FileError RemoveDirectory(FilePath path) => Checked(Libc.RmDir(path.Octets));

    public FileError List(FilePath directory, NameVisitor visit, int enough = int.MaxValue)
    {
        FileError opened = Open(directory, Libc.OpenRead, out SafeFileHandle? handle);
        if (opened != FileError.None)
            return opened;
        using (handle)
        {
            byte[] buffer = ArrayPool<byte>.Shared.Rent(ListBufferOctets);
            try
            {
                nint count = 1;
                for (int visited = 0; visited < enough && count > 0;)
                {
                    count = Libc.GetDents(handle!, buffer, (nuint)buffer.Length);
                    if (count > 0)
                        visited += VisitNames(buffer.AsSpan(0, (int)count), visit);
                }

                return count < 0 ? Libc.LastError() : FileError.None;
            }
            finally
            {
                ArrayPool<byte>.Shared.Return(buffer);
            }
        }
    }

    public FileError Stat(FilePath path, out FileFacts facts)
        => Stat(Libc.AtWorkingDirectory, path.Octets, 0, out facts);

    /// <remarks>The directory is looked up once: of a hundred thousand files that is most of the work.</remarks>
    public void StatEach(FilePath directory, NameSource names, Span<FileLook> looks)
    {
        FileError opened = Open(directory, Libc.OpenRead, out SafeFileHandle? handle);
        if (opened != FileError.None)
        {
            looks.Fill(new(opened, default));
            return;
        }

        using (handle)
        {
            Span<byte> path = stackalloc byte[MaxNameOctets + 1];
            for (int i = 0; i < looks.Length; i++)
            {
                ReadOnlySpan<byte> name = names(i);
                name.CopyTo(path);
                path[name.Length] = 0;
                FileError error = Stat((int)handle!.DangerousGetHandle(), path, 0, out FileFacts facts);
                looks[i] = new(error, facts);
            }
        }
    }

    public FileError OpenDirectory(FilePath directory, out SafeFileHandle? opened) => Open(directory, Libc.OpenRead, out opened);

    /// <remarks>No handle is made for a file that is closed at once.</remarks>
    public FileError ReadIn(SafeFileHandle directory, ReadOnlySpan<byte> name, Span<byte> room, out int count)
    {
        count = 0;
        if (name.Length > MaxNameOctets)
            return FileError.NotFound;
        Span<byte> path = stackalloc byte[MaxNameOctets + 1];
        name.CopyTo(path);
        path[name.Length] = 0;
        int file = Libc.OpenAt(directory, path, Libc.OpenRead | Libc.OpenNonBlocking | Libc.OpenCloseOnExec, 0);
        if (file < 0)
            return Libc.LastError();
        nint read;
        do
            read = Libc.Read(file, room, (nuint)room.Length);
        while (read < 0 && Marshal.GetLastPInvokeError() == Errno.Interrupted);
        FileError error = read < 0 ? FileError.Failed : FileError.None;
        Libc.Close(file);
        count = (int)Math.Max(read, 0);
        return error;
    }

    public FileError OpenRead(FilePath path, out SafeFileHandle? file, out FileFacts facts) => OpenFile(path, Libc.OpenRead, out file, out facts);

    public FileError OpenWrite(FilePath path, out SafeFileHandle? file, out FileFacts facts) => OpenFile(path, Libc.OpenWrite, out file, out facts);

    public FileError OpenUpdate(FilePath path, out SafeFileHandle? file, out FileFacts facts)
        => OpenFile(path, Libc.OpenReadWrite, out file, out facts);

    public FileError StatOpen(SafeFileHandle file, out FileFacts facts)
        => Stat((int)file.DangerousGetHandle(), "\0"u8, Libc.AtEmptyPath, out facts);

    public FileError SetLength(SafeFileHandle file, long octets) => Checked(Libc.FTruncate(file, octets));

    public FileError Lock(SafeFileHandle file, bool exclusive)
    {
        RecordLock wanted = new() { Kind = exclusive ? RecordLock.Write : RecordLock.Read };
        if (Libc.FileControl(file, Libc.SetOpenFileLock, ref wanted) == 0)
            return FileError.None;
        FileError error = Libc.LastError();
        return error == FileError.Denied ? FileError.Locked : error; // POSIX allows EACCES for a lock that is held.
    }

    public void Pause(TimeSpan time) => _ = Libc.Poll([], 0, (int)time.TotalMilliseconds);

    public FileError CopyOwner(SafeFileHandle from, SafeFileHandle to)
    {
        Span<byte> found = stackalloc byte[StatX.Octets];
        if (Libc.StatX((int)from.DangerousGetHandle(), "\0"u8, Libc.AtEmptyPath, StatX.Wanted, found) != 0)
            return Libc.LastError();
        (uint user, uint group) = StatX.OwnerOf(found);
        if (Libc.FChOwn(to, user, group) != 0 && Libc.FChOwn(to, uint.MaxValue, group) != 0 && Libc.LastError() is var refused and not FileError.Denied)
            return refused;
        return Checked(Libc.FChMod(to, (uint)StatX.ModeOf(found)));
    }

    private static FileError OpenFile(FilePath path, int access, out SafeFileHandle? file, out FileFacts facts)
    {
        facts = default;

        // A FIFO that somebody put there must not hold a disk thread for ever.
        FileError opened = Open(path, access | Libc.OpenNonBlocking, out file);
        if (opened != FileError.None)
            return opened;
        FileError known = Stat((int)file!.DangerousGetHandle(), "\0"u8, Libc.AtEmptyPath, out facts);
        if (known == FileError.None && facts.IsFile)
            return FileError.None;
        file.Dispose();
        file = null;
        return known == FileError.None ? FileError.NotFound : known;
    }

    /// <remarks>Not by <see cref="RandomAccess"/>, which asks of each file anew whether it has places, and how it was opened.</remarks>
    public FileError Read(SafeFileHandle file, Span<byte> buffer, long offset, out int count)
    {
        nint read;
        do
            read = Libc.ReadAt(file, buffer, (nuint)buffer.Length, offset);
        while (read < 0 && Marshal.GetLastPInvokeError() == Errno.Interrupted);
        count = (int)Math.Max(read, 0);
        return read < 0 ? FileError.Failed : FileError.None;
    }

    private static FileError Open(FilePath path, int flags, out SafeFileHandle? file)
    {
        int number = Libc.Open(path.Octets, flags | Libc.OpenCloseOnExec, 0x180);
        file = number < 0 ? null : new SafeFileHandle(number, ownsHandle: true);
        return number < 0 ? Libc.LastError() : FileError.None;
    }

    private static FileError Checked(int result) => result == 0 ? FileError.None : Libc.LastError();

    /// <summary>linux_dirent64: inode 8, offset 8, record length 2, type 1, name up to NUL.</summary>
    /// <returns>How many names there were.</returns>
    private static int VisitNames(ReadOnlySpan<byte> records, NameVisitor visit)
    {
        int visited = 0;
        while (records.Length > 19)
        {
            int length = BinaryPrimitives.ReadUInt16LittleEndian(records[16..]);
            ReadOnlySpan<byte> name = records[19..length];
            name = name[..name.IndexOf((byte)0)];
            records = records[length..];
            if (name.SequenceEqual("."u8) || name.SequenceEqual(".."u8))
                continue;
            visit(name);
            visited++;
        }

        return visited;
    }

    private static FileError Stat(int directory, ReadOnlySpan<byte> path, int flags, out FileFacts facts)
    {
        Span<byte> found = stackalloc byte[StatX.Octets];
        facts = default;
        if (Libc.StatX(directory, path, flags, StatX.Wanted, found) != 0)
            return Libc.LastError();
        facts = StatX.FactsOf(found);
        return FileError.None;
    }
}
