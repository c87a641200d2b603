using System.Text;
using FullStack.Store.Delivery;
using FullStack.Store.Posix;
using Microsoft.Win32.SafeHandles;

namespace FullStack.Store.Places;

/// <summary>
/// The file <c>fullstack-place</c> in an account's directory, which says in which home its mail is. It is durable before anything is made there, and
/// is what all go by who ask no directory: backups, counts of quotas, commands. Mail below the store's root needs none.
/// </summary>
/// <param name="Maildir">The Maildir, an absolute path without symbolic links.</param>
/// <param name="IsMade">Whether the Maildir has been there: from then on it is never made again, for one that is missing is somewhere else, with the mail.</param>
internal sealed record PlaceRecord(string Maildir, bool IsMade)
{
    public const string FileName = "fullstack-place";

    private const string Version = "1", Made = "made", Making = "making";
    private const int MaxOctets = 8192;

    /// <summary>The record of an account; null where there is none. Blocks.</summary>
    /// <param name="files">The file system.</param>
    /// <param name="directory">The account's directory.</param>
    /// <exception cref="IOException">It cannot be read, or says nothing that can be understood.</exception>
    public static PlaceRecord? Read(IMaildirFiles files, string directory)
    {
        FilePath path = FilePath.Of(directory).Child(FileName);
        FileError error = files.OpenRead(path, out SafeFileHandle? file, out _);
        if (error == FileError.NotFound)
            return null;
        byte[] text = new byte[MaxOctets];
        int octets = 0;
        if (error == FileError.None)
        {
            using (file)
                error = files.Read(file!, text, 0, out octets);
        }

        if (error != FileError.None)
            throw new IOException($"{path}: {error}");
        return Encoding.UTF8.GetString(text, 0, octets).Split('\n') is [Version, ['/', ..] maildir, Made or Making, ""] lines
            ? new(maildir, lines[2] == Made)
            : throw new IOException($"{path} is damaged");
    }

    /// <summary>Puts the record in the place of the one that was there. Durable on success. Blocks.</summary>
    public FileError Write(IMaildirFiles files, string directory)
    {
        FilePath folder = FilePath.Of(directory), next = folder.Child(FileName + ".new");
        byte[] text = Encoding.UTF8.GetBytes($"{Version}\n{Maildir}\n{(IsMade ? Made : Making)}\n");
        files.Unlink(next);
        FileError error = FileCopy.Make(files, next, null, file => files.Write(file, text, 0));
        if (error == FileError.None)
            error = files.Replace(next, folder.Child(FileName));
        return error == FileError.None ? files.SyncDirectory(folder) : error;
    }

    /// <summary>Takes the record away: the mail is below the store's root. Durable on success. Blocks.</summary>
    public static FileError Remove(IMaildirFiles files, string directory)
    {
        FilePath folder = FilePath.Of(directory);
        FileError error = files.Unlink(folder.Child(FileName));
        return error is FileError.None or FileError.NotFound ? files.SyncDirectory(folder) : error;
    }
}
