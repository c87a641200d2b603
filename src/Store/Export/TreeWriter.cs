using System.Text;
using FullStack.Store.Delivery;
using FullStack.Store.Maildir;
using FullStack.Store.Mailboxes;
using FullStack.Store.Posix;
using Microsoft.Win32.SafeHandles;

namespace FullStack.Store.Export;

/// <summary>Writes the folders, messages and lists of a Maildir for another server. All of it blocks.</summary>
/// <remarks>
/// Every message becomes a file of its own: were it a link, giving the tree to another server's user would give the files
/// here away. Nothing is synced but the whole, at the end.
/// </remarks>
internal sealed class TreeWriter(IMaildirFiles files, FilePath root)
{
    private const int BlockOctets = 256 * 1024;
    private readonly byte[] _block = new byte[BlockOctets];

    /// <summary>Makes a folder, its name given as octets; empty: the Maildir itself.</summary>
    public FilePath MakeFolder(ReadOnlySpan<byte> entry)
    {
        FilePath path = entry.IsEmpty ? root : root.Child(entry);
        foreach (FilePath directory in (FilePath[])[path, path.Child("tmp"), path.Child("new"), path.Child("cur")])
            Require(files.MakeDirectory(directory) is var made && made == FileError.Exists ? FileError.None : made, directory);
        if (!entry.IsEmpty)
            WriteText(path, "maildirfolder", "");
        return path;
    }

    /// <summary>Writes one message.</summary>
    /// <param name="folder">Its folder.</param>
    /// <param name="name">The name of its file.</param>
    /// <param name="inNew">Whether it goes to new/.</param>
    /// <param name="octets">What it holds.</param>
    /// <param name="arrived">The date that IMAP shows, which is the file's time.</param>
    public void WriteMessage(FilePath folder, string name, bool inNew, IMessageOctets octets, DateTimeOffset arrived)
    {
        FilePath path = folder.Child(inNew ? "new" : "cur").Child(Encoding.Latin1.GetBytes(name));
        FileError error = files.Create(path, out SafeFileHandle? file);
        if (error == FileError.None)
        {
            using (file)
            {
                error = Copy(octets, file!);
                if (error == FileError.None)
                    error = files.SetModified(file!, arrived);
            }
        }

        Require(error, path);
    }

    /// <summary>Writes a list, each character as one octet.</summary>
    public void WriteList(FilePath directory, string name, StringBuilder text) => WriteOctets(directory, name, Encoding.Latin1.GetBytes(text.ToString()));

    /// <summary>Writes a text in UTF-8.</summary>
    public void WriteText(FilePath directory, string name, string text) => WriteOctets(directory, name, Encoding.UTF8.GetBytes(text));

    public FilePath MakeDirectory(FilePath parent, string name)
    {
        FilePath directory = parent.Child(name);
        Require(files.MakeDirectory(directory) is var made && made == FileError.Exists ? FileError.None : made, directory);
        return directory;
    }

    private void WriteOctets(FilePath directory, string name, byte[] octets)
    {
        FilePath path = directory.Child(name);
        FileError error = files.Create(path, out SafeFileHandle? file);
        if (error == FileError.None)
        {
            using (file)
                error = files.Write(file!, octets, 0);
        }

        Require(error, path);
    }

    private FileError Copy(IMessageOctets octets, SafeFileHandle target)
    {
        for (long offset = 0; ;)
        {
            FileError error = octets.Read(_block, offset, out int count);
            if (error != FileError.None || count == 0)
                return error;
            error = files.Write(target, _block.AsSpan(0, count), offset);
            if (error != FileError.None)
                return error;
            offset += count;
        }
    }

    private static void Require(FileError error, FilePath path)
    {
        if (error != FileError.None)
            throw new IOException($"{path}: {error}");
    }
}
