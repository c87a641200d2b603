using Microsoft.Win32.SafeHandles;

namespace FullStack.Store.Posix;

/// <summary>What a name in somebody else's directory is, symbolic links not followed.</summary>
/// <param name="Facts">What the file system says of it.</param>
/// <param name="User">The number of its owner.</param>
/// <param name="Group">The number of its group.</param>
internal readonly record struct OwnedFile(FileFacts Facts, uint User, uint Group);

/// <summary>
/// Files that belong to others than the mail system. Who reads them with root's rights must not be led elsewhere by a
/// symbolic link, and must hand what is made of them to the right owner. All of it blocks.
/// </summary>
internal static class OwnedFiles
{
    /// <summary>Looks at a name itself. A symbolic link is neither file nor directory.</summary>
    public static FileError Look(FilePath path, out OwnedFile found)
    {
        Span<byte> octets = stackalloc byte[StatX.Octets];
        found = default;
        if (Libc.StatX(Libc.AtWorkingDirectory, path.Octets, Libc.AtNoFollow, StatX.Wanted, octets) != 0)
            return Libc.LastError();
        (uint user, uint group) = StatX.OwnerOf(octets);
        found = new(StatX.FactsOf(octets), user, group);
        return FileError.None;
    }

    public static bool IsFile(FilePath path) => Look(path, out OwnedFile found) == FileError.None && found.Facts.IsFile;

    public static bool IsDirectory(FilePath path) => Look(path, out OwnedFile found) == FileError.None && found.Facts.IsDirectory;

    /// <summary>Opens a regular file; a symbolic link is <see cref="FileError.NotFound"/>, also one put in place while this runs.</summary>
    public static FileError OpenRead(IMaildirFiles files, FilePath path, out SafeFileHandle? file, out FileFacts facts)
    {
        (file, facts) = (null, default);
        FileError looked = Look(path, out OwnedFile found);
        if (looked != FileError.None || !found.Facts.IsFile)
            return looked == FileError.None ? FileError.NotFound : looked;
        FileError opened = files.OpenRead(path, out file, out facts);
        if (opened != FileError.None || facts.Inode == found.Facts.Inode)
            return opened;
        file!.Dispose();
        file = null;
        return FileError.NotFound;
    }

    /// <summary>Gives a name, not what a symbolic link leads to, to an owner.</summary>
    public static FileError SetOwner(FilePath path, OwnedFile owner)
        => Libc.ChangeOwner(path.Octets, owner.User, owner.Group) == 0 ? FileError.None : Libc.LastError();

    /// <summary>Gives a directory and all below it to an owner, where that is another.</summary>
    public static FileError SetOwnerOfTree(IMaildirFiles files, FilePath path, OwnedFile owner)
    {
        FileError error = Look(path, out OwnedFile found);
        if (error == FileError.None && (found.User, found.Group) != (owner.User, owner.Group))
            error = SetOwner(path, owner);
        if (error != FileError.None || !found.Facts.IsDirectory)
            return error;
        List<byte[]> names = [];
        error = files.List(path, name => names.Add(name.ToArray()));
        foreach (byte[] name in names)
        {
            if (error == FileError.None)
                error = SetOwnerOfTree(files, path.Child(name), owner);
        }

        return error;
    }
}
