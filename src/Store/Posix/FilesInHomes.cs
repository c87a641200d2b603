using Microsoft.Win32.SafeHandles;

namespace FullStack.Store.Posix;

/// <summary>
/// Files below the store's root as they are, and all others, which lie where their owners may write, without following a symbolic link: a mailbox that its
/// owner replaces by a link to another's is one that cannot be opened.
/// </summary>
/// <remarks>
/// What is made in a directory that its group may write to, the group may write to as well, as in Dovecot: so an owner's programs and the server can work on
/// one Maildir under two users. Nothing is ever for all the world.
/// </remarks>
/// <param name="inner">Does it.</param>
/// <param name="root">The store's root, an absolute path.</param>
internal sealed class FilesInHomes(IMaildirFiles inner, string root) : FilesByPath(inner)
{
    private const int GroupMayWrite = 0x10, SetGroup = 0x400; // 020 and 02000
    private const uint SharedFile = 0x1B0, SharedDirectory = 0x1F8; // 0660 and 0770

    private readonly byte[] _root = System.Text.Encoding.UTF8.GetBytes(root + "/");

    public override FileError Create(FilePath path, out SafeFileHandle? file)
    {
        if (IsOwn(path))
            return Inner.Create(path, out file);
        file = null;
        FileError error = HoldDirectory(path, out FilePath name, out SafeFileHandle? directory);
        if (error != FileError.None)
            return error;
        using (directory)
        {
            error = Inner.Create(name, out file);
            if (error == FileError.None && (ModeOf(directory!) & GroupMayWrite) != 0)
                Libc.FChMod(file!, SharedFile);
            return error;
        }
    }

    public override FileError MakeDirectory(FilePath path)
    {
        if (IsOwn(path))
            return Inner.MakeDirectory(path);
        FileError error = HoldDirectory(path, out FilePath name, out SafeFileHandle? directory);
        if (error != FileError.None)
            return error;
        using (directory)
        {
            error = Inner.MakeDirectory(name);
            int mode = ModeOf(directory!);
            if (error == FileError.None && (mode & GroupMayWrite) != 0)
                Share(path, SharedDirectory | ((uint)mode & SetGroup));
            return error;
        }
    }

    public override FileError OpenAppend(FilePath path, out SafeFileHandle? file)
    {
        FileError error = Hold(path, out FilePath held, out SafeFileHandle? holder);
        using (holder)
        {
            file = null;
            return error == FileError.None ? Inner.OpenAppend(held, out file) : error;
        }
    }

    public override FileError OpenRead(FilePath path, out SafeFileHandle? file, out FileFacts facts)
    {
        FileError error = Hold(path, out FilePath held, out SafeFileHandle? holder);
        using (holder)
        {
            (file, facts) = (null, default);
            return error == FileError.None ? Inner.OpenRead(held, out file, out facts) : error;
        }
    }

    public override FileError OpenWrite(FilePath path, out SafeFileHandle? file, out FileFacts facts)
    {
        FileError error = Hold(path, out FilePath held, out SafeFileHandle? holder);
        using (holder)
        {
            (file, facts) = (null, default);
            return error == FileError.None ? Inner.OpenWrite(held, out file, out facts) : error;
        }
    }

    public override FileError OpenUpdate(FilePath path, out SafeFileHandle? file, out FileFacts facts)
    {
        FileError error = Hold(path, out FilePath held, out SafeFileHandle? holder);
        using (holder)
        {
            (file, facts) = (null, default);
            return error == FileError.None ? Inner.OpenUpdate(held, out file, out facts) : error;
        }
    }

    public override FileError Stat(FilePath path, out FileFacts facts)
    {
        FileError error = Hold(path, out FilePath held, out SafeFileHandle? holder);
        using (holder)
        {
            facts = default;
            return error == FileError.None ? Inner.Stat(held, out facts) : error;
        }
    }

    public override void StatEach(FilePath directory, NameSource names, Span<FileLook> looks)
    {
        if (IsOwn(directory))
            Inner.StatEach(directory, names, looks);
        else
            base.StatEach(directory, names, looks);
    }

    public override FileError OpenDirectory(FilePath directory, out SafeFileHandle? opened)
        => IsOwn(directory) ? Inner.OpenDirectory(directory, out opened) : base.OpenDirectory(directory, out opened);

    public override FileError List(FilePath directory, NameVisitor visit, int enough = int.MaxValue) => OnExisting(directory, held => Inner.List(held, visit, enough));

    public override FileError SyncDirectory(FilePath directory) => OnExisting(directory, Inner.SyncDirectory);

    public override FileError SyncFileSystem(FilePath directory) => OnExisting(directory, Inner.SyncFileSystem);

    public override FileError Unlink(FilePath path) => OnName(path, Inner.Unlink);

    public override FileError RemoveDirectory(FilePath path) => OnName(path, Inner.RemoveDirectory);

    public override FileError Link(FilePath from, FilePath to) => OnName(from, source => OnName(to, target => Inner.Link(source, target)));

    public override FileError Rename(FilePath from, FilePath to) => OnName(from, source => OnName(to, target => Inner.Rename(source, target)));

    public override FileError Replace(FilePath from, FilePath to) => OnName(from, source => OnName(to, target => Inner.Replace(source, target)));

    private bool IsOwn(FilePath path) => path.Octets.StartsWith(_root) || path.Octets[..^1].SequenceEqual(_root.AsSpan(0, _root.Length - 1));

    private FileError Hold(FilePath path, out FilePath held, out SafeFileHandle? holder)
    {
        (held, holder) = (path, null);
        FileError error = IsOwn(path) ? FileError.None : SafePath.Hold(path, out holder);
        if (holder is not null)
            held = SafePath.Of(holder);
        return error;
    }

    /// <summary>Holds the directory of a path, in which the last name is then no link that is followed.</summary>
    private static FileError HoldDirectory(FilePath path, out FilePath name, out SafeFileHandle? directory)
    {
        name = path;
        FileError error = SafePath.Hold(path.Directory, out directory);
        if (error == FileError.None)
            name = SafePath.Of(directory!).Child(path.LastName);
        return error;
    }

    private FileError OnExisting(FilePath path, Func<FilePath, FileError> operation)
    {
        FileError error = Hold(path, out FilePath held, out SafeFileHandle? holder);
        using (holder)
            return error == FileError.None ? operation(held) : error;
    }

    private FileError OnName(FilePath path, Func<FilePath, FileError> operation)
    {
        if (IsOwn(path))
            return operation(path);
        FileError error = HoldDirectory(path, out FilePath name, out SafeFileHandle? directory);
        using (directory)
            return error == FileError.None ? operation(name) : error;
    }

    private static int ModeOf(SafeFileHandle held)
    {
        Span<byte> found = stackalloc byte[StatX.Octets];
        return Libc.StatX((int)held.DangerousGetHandle(), "\0"u8, Libc.AtEmptyPath, StatX.Wanted, found) == 0 ? StatX.ModeOf(found) : 0;
    }

    private static void Share(FilePath directory, uint mode)
    {
        if (SafePath.Hold(directory, out SafeFileHandle? held) != FileError.None)
            return;
        using (held)
        {
            int number = Libc.Open(SafePath.Of(held!).Octets, Libc.OpenRead | Libc.OpenCloseOnExec, 0);
            if (number < 0)
                return;
            using SafeFileHandle opened = new(number, ownsHandle: true);
            Libc.FChMod(opened, mode);
        }
    }
}
