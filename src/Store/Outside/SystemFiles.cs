using FullStack.Store.Posix;
using Microsoft.Win32.SafeHandles;

namespace FullStack.Store.Outside;

/// <summary>What the system says of files outside the mail store.</summary>
public static class SystemFiles
{
    /// <summary>Whom a regular file belongs to; null where it is none, also where it is a symbolic link to one.</summary>
    public static UnixUser? OwnerOf(string path)
        => OwnedFiles.Look(FilePath.Of(path), out OwnedFile found) == FileError.None && found.Facts.IsFile ? new(found.User, found.Group) : null;

    /// <summary>Opens a regular file to be read; symbolic links are followed. A pipe would be waited for, and a device do something: they are not opened.</summary>
    /// <exception cref="FileNotFoundException">There is none.</exception>
    /// <exception cref="UnauthorizedAccessException">It may not be read.</exception>
    /// <exception cref="IOException">It is something else, or cannot be opened.</exception>
    public static FileStream OpenRegular(string path)
    {
        FilePath name = FilePath.Of(path);
        Span<byte> found = stackalloc byte[StatX.Octets];
        Require(Libc.StatX(Libc.AtWorkingDirectory, name.Octets, 0, StatX.Wanted, found), path);
        RequireFile(found, path);
        int number = Libc.Open(name.Octets, Libc.OpenRead | Libc.OpenNonBlocking | Libc.OpenCloseOnExec, 0);
        Require(number, path);
        SafeFileHandle file = new(number, ownsHandle: true);
        try
        {
            // It may be another one than was looked at.
            Require(Libc.StatX(number, "\0"u8, Libc.AtEmptyPath, StatX.Wanted, found), path);
            RequireFile(found, path);
            return new(file, FileAccess.Read, bufferSize: 0);
        }
        catch
        {
            file.Dispose();
            throw;
        }
    }

    private static void RequireFile(ReadOnlySpan<byte> found, string path)
    {
        if (!StatX.FactsOf(found).IsFile)
            throw new IOException($"{path} is no regular file");
    }

    private static void Require(int result, string path)
    {
        if (result >= 0)
            return;
        FileError error = Libc.LastError();
        throw error switch
        {
            FileError.NotFound => new FileNotFoundException("there is no such file", path),
            FileError.Denied => new UnauthorizedAccessException($"{path} may not be read"),
            _ => new IOException($"{path} cannot be opened: {error}"),
        };
    }
}
