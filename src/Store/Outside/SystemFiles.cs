using FullStack.Store.Posix;

namespace FullStack.Store.Outside;

/// <summary>What the system says of files outside the mail store.</summary>
public static class SystemFiles
{
    /// <summary>Whom a regular file belongs to; null where it is none, also where it is a symbolic link to one.</summary>
    public static UnixUser? OwnerOf(string path)
        => OwnedFiles.Look(FilePath.Of(path), out OwnedFile found) == FileError.None && found.Facts.IsFile ? new(found.User, found.Group) : null;
}
