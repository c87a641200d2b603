using System.Text;
using FullStack.Store.Delivery;
using FullStack.Store.Maildir;
using FullStack.Store.Mailboxes;
using FullStack.Store.Posix;
using Microsoft.Win32.SafeHandles;

namespace FullStack.Store.Import;

/// <summary>
/// Takes folders from a former server's Maildir into a new one: lists as copies, messages as hard links, copies or by
/// renaming. What is there already is kept. All of it blocks.
/// </summary>
/// <param name="files">The file system.</param>
/// <param name="names">Which lists go along.</param>
/// <param name="owner">Who owns the store. A link to a file of another user could not be read by the server.</param>
/// <param name="move">Whether messages leave the source.</param>
/// <param name="ct">Ends it between two messages.</param>
internal sealed class FolderCopier(IMaildirFiles files, SourceFiles names, uint owner, bool move, CancellationToken ct)
{
    private int _done;

    /// <summary>Copies what a plan names, durably.</summary>
    /// <exception cref="IOException">The disk is full or failing.</exception>
    public void Copy(ImportPlan plan, FilePath source, FilePath target, IProgress<int> progress)
    {
        foreach (ImportFolder folder in plan.Folders)
        {
            bool isInbox = folder.Entry.Length == 0;
            FilePath from = isInbox ? source : source.Child(folder.Entry), to = isInbox ? target : target.Child(folder.Entry);
            MaildirFolder made = new(to);
            Require(made.Make(files, marker: !isInbox), to);

            // The lists first: when messages are moved and that is broken off, they are still known by them.
            CopyLists(from, to);
            CopyMessages(new(from), made, progress);
            Require(files.SyncDirectory(to), to);
        }

        Require(files.SyncDirectory(target), target);
    }

    private void CopyLists(FilePath from, FilePath to)
    {
        List<byte[]> own = [];
        files.List(from, name =>
        {
            if (name.StartsWith("fullstack-"u8))
                own.Add(name.ToArray());
        });
        foreach (byte[] list in names.Lists.Select(Encoding.UTF8.GetBytes).Concat(own))
        {
            FilePath file = from.Child(list), copy = to.Child(list);
            if (OwnedFiles.IsFile(file))
                CopyList(file, copy);
            else if (OwnedFiles.IsDirectory(file))
                CopyDirectory(file, copy);
        }
    }

    /// <summary>Courier's keywords and access lists: directories of small files.</summary>
    private void CopyDirectory(FilePath from, FilePath to)
    {
        FileError made = files.MakeDirectory(to);
        Require(made == FileError.Exists ? FileError.None : made, to);
        List<byte[]> entries = [];
        Require(files.List(from, name => entries.Add(name.ToArray())), from);
        foreach (byte[] entry in entries.Where(entry => OwnedFiles.IsFile(from.Child(entry))))
            CopyList(from.Child(entry), to.Child(entry));
        Require(files.SyncDirectory(to), to);
    }

    private void CopyList(FilePath from, FilePath to)
    {
        // A half-written list of an earlier run goes; its time tells which of two servers was used last.
        FileError removed = files.Unlink(to);
        Require(removed == FileError.NotFound ? FileError.None : removed, to);
        Require(Duplicate(from, to), to);
    }

    private void CopyMessages(MaildirFolder from, MaildirFolder to, IProgress<int> progress)
    {
        Require(FolderScan.List(files, from, out Dictionary<byte[], ListedMessage> messages), from.Path);
        Require(FolderScan.List(files, to, out Dictionary<byte[], ListedMessage> there), to.Path);
        List<FilePath> copied = [];
        foreach (ListedMessage message in messages.Values)
        {
            ct.ThrowIfCancellationRequested();
            FilePath file = from.Locate(message.Name, message.InNew);
            if (OwnedFiles.Look(file, out OwnedFile found) != FileError.None || !found.Facts.IsFile)
                continue; // The plan has said so.
            if (!there.ContainsKey(message.Name))
                Bring(file, found, to.Tmp.Child(MaildirFileName.Base(message.Name)), to.Locate(message.Name, message.InNew), copied);
            else if (move)
                copied.Add(file);
            progress.Report(++_done);
        }

        Require(files.SyncDirectory(to.New), to.New);
        Require(files.SyncDirectory(to.Cur), to.Cur);
        foreach (FilePath file in move ? copied : [])
            Require(files.Unlink(file) is var gone && gone == FileError.NotFound ? FileError.None : gone, file);
    }

    private void Bring(FilePath from, OwnedFile found, FilePath temporary, FilePath to, List<FilePath> copied)
    {
        FileError error = move ? files.Rename(from, to) : found.User == owner ? files.Link(from, to) : FileError.NotSupported;
        if (error is FileError.CrossDevice or FileError.NoMoreLinks or FileError.NotSupported or FileError.Denied)
        {
            files.Unlink(temporary);
            error = Duplicate(from, temporary);
            if (error == FileError.None)
                error = files.Rename(temporary, to);
            copied.Add(from);
        }

        Require(error, to);
    }

    /// <summary>A file of its own with the same octets and the same time, on the disk.</summary>
    private FileError Duplicate(FilePath from, FilePath to)
    {
        FileError opened = OwnedFiles.OpenRead(files, from, out SafeFileHandle? file, out FileFacts facts);
        if (opened != FileError.None)
            return opened;
        using (file)
        {
            DateTimeOffset modified = DateTimeOffset.FromUnixTimeSeconds(facts.ModifiedSeconds).AddTicks(facts.ModifiedNanoseconds / TimeSpan.NanosecondsPerTick);
            return FileCopy.Make(files, to, modified, target => FileCopy.Copy(files, file!, target));
        }
    }

    private static void Require(FileError error, FilePath path)
    {
        if (error != FileError.None)
            throw new IOException($"{path}: {error}");
    }
}
