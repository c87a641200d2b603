using FullStack.Store.Maildir;
using FullStack.Store.Posix;

namespace FullStack.Store.Delivery;

/// <summary>
/// Puts a complete staged message into folders. It is first a durable file outside new/ and cur/, then gets its names
/// there, then the directories are synced: at no moment does a reader see half a message.
/// </summary>
/// <remarks>
/// What a crash leaves; T is the file in tmp/ (removed after 36 hours) or in the staging folder (removed at the next
/// start), M its name in new/ or cur/.
/// <list type="bullet">
/// <item>T, of any length: it is still being written.</item>
/// <item>T, whole and synced; M is given only now, so M is never half a message.</item>
/// <item>T and M, or M alone: placed in some of the folders, and there acknowledged once new/ or cur/ is synced. A message
/// that was placed and not acknowledged will come again from its sender: SMTP has no better (RFC 5321 §6.1).</item>
/// </list>
/// </remarks>
internal sealed class Placement(StoreContext store, StagedMessage message)
{
    private FilePath _source;
    private bool _isTemporary;

    /// <summary>Makes the durable file.</summary>
    /// <param name="folder">Where it lies meanwhile, if it is not staged in a file already.</param>
    /// <param name="modified">Its modification time, which is the internal date; null: now.</param>
    public Task<FileError> PrepareAsync(MaildirFolder folder, DateTimeOffset? modified) => store.Disk.RunAsync(() =>
    {
        bool staged = message.Content.Path is not null && !(modified is not null && message.IsLinked);
        if (!staged)
        {
            _source = folder.Tmp.Child(store.Names.NextTemporary());
            FileError made = FileCopy.Make(store.Files, _source, modified, message.Content.CopyTo);
            _isTemporary = made == FileError.None;
            return made;
        }

        _source = message.Content.Path!.Value;
        FileError error = modified is { } time ? message.Content.SetFileModified(time) : FileError.None;
        return error == FileError.None ? message.Content.SyncFile() : error;
    });

    /// <summary>Gives the file a name in a folder; durable on success, without a trace on failure.</summary>
    /// <param name="target">The folder.</param>
    /// <param name="name">The name.</param>
    /// <param name="inNew">Whether it goes to new/.</param>
    /// <param name="last">Whether no other folder follows, so that the temporary name can become the final one.</param>
    public async Task<FileError> PlaceAsync(MaildirFolder target, byte[] name, bool inNew, bool last)
    {
        FilePath path = target.Locate(name, inNew);
        FileError error = await store.Disk.RunAsync(() => Name(target, path, last && _isTemporary));
        if (error != FileError.None)
            return error;
        error = await store.Sync.SyncAsync(inNew ? target.New : target.Cur);
        if (error != FileError.None)
            await store.Disk.RunAsync(() => store.Files.Unlink(path));
        return error;
    }

    /// <summary>Removes the temporary name where it is still there.</summary>
    public async ValueTask FinishAsync()
    {
        if (_isTemporary)
            await store.Disk.RunAsync(() => store.Files.Unlink(_source));
        _isTemporary = false;
    }

    private FileError Name(MaildirFolder target, FilePath path, bool move)
    {
        if (move)
        {
            FileError renamed = store.Files.Rename(_source, path);
            _isTemporary = renamed != FileError.None;
            return renamed;
        }

        FileError linked = store.Files.Link(_source, path);
        if (linked == FileError.None)
        {
            message.IsLinked = true;
            return linked;
        }

        return linked is FileError.CrossDevice or FileError.NoMoreLinks or FileError.NotSupported or FileError.Denied
            ? CopyInto(target, path)
            : linked;
    }

    private FileError CopyInto(MaildirFolder target, FilePath path)
    {
        FilePath temporary = target.Tmp.Child(store.Names.NextTemporary());
        FileError error = FileCopy.Make(store.Files, temporary, null, message.Content.CopyTo);
        if (error != FileError.None)
            return error;
        error = store.Files.Rename(temporary, path);
        if (error != FileError.None)
            store.Files.Unlink(temporary);
        return error;
    }
}
