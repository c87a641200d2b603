using System.Buffers;
using System.Security.Cryptography;
using System.Text;
using FullStack.Store.Delivery;
using FullStack.Store.Maildir;
using FullStack.Store.Mailboxes;
using FullStack.Store.Mbox;
using FullStack.Store.Posix;
using Microsoft.Win32.SafeHandles;

namespace FullStack.Store.Outside;

/// <summary>Writes messages to files that aliases and users name, with the locks and the care for crashes that mailboxes here have.</summary>
/// <remarks>
/// An mbox is appended to by <see cref="MboxFile"/>; its intents lie in the store, one folder for each path, so that what a crash left of a message is taken
/// out before the next one is appended. What a crash leaves of a delivery to a Maildir is a file in its tmp/.
/// </remarks>
internal sealed class OutsideDelivery(StoreContext store)
{
    private const int PieceOctets = 64 * 1024;
    private const string Sink = "/dev/null";

    private readonly Lock _gate = new();

    /// <summary>Writes a message. Blocks.</summary>
    /// <param name="content">The message.</param>
    /// <param name="skip">Octets at its start that are left out.</param>
    /// <param name="file">Where to.</param>
    public FileError Deliver(MessageContent content, long skip, OutsideFile file)
    {
        if (file.Path == Sink)
            return FileError.None;
        if (file.Owner is { } other && !FileRights.CanTake(other))
            return FileError.Denied;
        IMaildirFiles files = file.Owner is { } owner ? new FilesOfOthers(store.Files, owner, store.Options.Root) : store.Files;
        FilePath path = FilePath.Of(file.Path.TrimEnd('/'));
        bool isDirectory = files.Stat(path, out FileFacts facts) == FileError.None && facts.IsDirectory;
        return isDirectory || file.Path.EndsWith('/') ? IntoMaildir(files, path, content, skip) : IntoMbox(files, path, content, skip, file);
    }

    private FileError IntoMbox(IMaildirFiles files, FilePath path, MessageContent content, long skip, OutsideFile file)
    {
        lock (_gate) // The file's own locks keep other programs out; this one the threads of this process from a folder that both make.
        {
            FilePath sides = FilePath.Of(Path.Combine(store.Options.Root, ".outside"));
            FileError error = store.Files.MakeDirectory(sides);
            if (error is not (FileError.None or FileError.Exists))
                return error;
            error = store.Files.SyncDirectory(sides.Directory);
            if (error == FileError.None)
                error = MakeWhereMissing(files, path);
            if (error != FileError.None)
                return error;
            MboxSide side = new(sides.Child(Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(file.Path)))));
            MboxDraft draft = new(FromLine.Format(file.Sender, file.Arrived), [], sink => Give(content, skip, sink));
            return new MboxFile(store.With(files), side, path).Append([draft], out _);
        }
    }

    private static FileError MakeWhereMissing(IMaildirFiles files, FilePath path)
    {
        FileError error = files.Create(path, out SafeFileHandle? made);
        if (error == FileError.Exists)
            return files.Stat(path, out FileFacts facts) is var found and not FileError.None ? found : facts.IsFile ? FileError.None : FileError.NotSupported;
        if (error != FileError.None)
            return error;
        made!.Dispose();
        return files.SyncDirectory(path.Directory);
    }

    private FileError IntoMaildir(IMaildirFiles files, FilePath path, MessageContent content, long skip)
    {
        string name = store.Names.NextTemporary();
        FilePath temporary = path.Child("tmp"u8).Child(name), delivered = path.Child("new"u8).Child(name);
        FileError error = FileCopy.Make(files, temporary, null, target =>
        {
            FileError written = FileError.None;
            long offset = 0;
            FileError read = Give(content, skip, octets =>
            {
                if (written != FileError.None)
                    return;
                written = files.Write(target, octets, offset);
                offset += octets.Length;
            });
            return written == FileError.None ? read : written;
        });
        if (error != FileError.None)
            return error;
        error = files.Rename(temporary, delivered);
        if (error == FileError.None)
            return files.SyncDirectory(delivered.Directory);
        files.Unlink(temporary);
        return error;
    }

    private static FileError Give(MessageContent content, long skip, OctetTaker take)
    {
        byte[] piece = ArrayPool<byte>.Shared.Rent(PieceOctets);
        try
        {
            int count;
            for (long offset = skip; (count = content.Read(piece, offset)) > 0; offset += count)
                take(piece.AsSpan(0, count));
            return FileError.None;
        }
        catch (IOException)
        {
            return FileError.Failed;
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(piece);
        }
    }
}
