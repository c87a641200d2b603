using System.Text;
using FullStack.Store.Accounts;
using FullStack.Store.Delivery;
using FullStack.Store.Maildir;
using FullStack.Store.Posix;
using Microsoft.Win32.SafeHandles;

namespace FullStack.Store.Places;

/// <summary>
/// The file <c>fullstack-owner</c> in a Maildir that lies in a home: whose mail it is. It goes along with the Maildir wherever that is moved, tells two accounts
/// apart whose directory names the same home, and a Maildir from an empty one at a place where a file system is not mounted.
/// </summary>
internal static class OwnerMark
{
    public const string FileName = "fullstack-owner";

    private const int MaxOctets = 1024;

    /// <summary>The account that a Maildir belongs to; empty where it does not say. Blocks.</summary>
    public static FileError Read(IMaildirFiles files, string maildir, out string owner)
    {
        owner = "";
        FileError error = files.OpenRead(FilePath.Of(maildir).Child(FileName), out SafeFileHandle? file, out _);
        if (error != FileError.None)
            return error == FileError.NotFound ? FileError.None : error;
        byte[] text = new byte[MaxOctets];
        using (file)
        {
            error = files.Read(file!, text, 0, out int octets);
            string line = Encoding.UTF8.GetString(text, 0, octets).TrimEnd('\n');
            owner = new([.. line.Select(static c => char.IsControl(c) ? '?' : c)]); // the folder is its user's, and the name is shown
        }

        return error;
    }

    /// <summary>Marks a Maildir that has no mark. Durable on success. Blocks.</summary>
    public static FileError Write(IMaildirFiles files, string maildir, AccountName owner)
    {
        MaildirFolder folder = new(FilePath.Of(maildir));
        FilePath staged = folder.Tmp.Child(FileName);
        byte[] text = Encoding.UTF8.GetBytes($"{owner}\n");
        files.Unlink(staged); // of a start that was cut off
        FileError error = FileCopy.Make(files, staged, null, file => files.Write(file, text, 0));
        if (error == FileError.None)
            error = files.Rename(staged, folder.Path.Child(FileName));
        return error == FileError.None ? files.SyncDirectory(folder.Path) : error;
    }
}
