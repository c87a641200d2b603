using FullStack.Store.Delivery;
using FullStack.Store.Mailboxes;
using FullStack.Store.Posix;

namespace FullStack.Store.Maildir;

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
/// that was placed and not acknowledged will come again from its sender: SMTP has no better (RFC 5321 §6.1). One that comes again from the
/// queue has the name that it had before (<see cref="DeliveryMark"/>) and is not placed twice.</item>
/// </list>
/// </remarks>
internal sealed class MaildirPlacement(StoreContext store, StagedMessage message, DeliveryMark? mark) : IPlacement
{
    private FilePath _source;
    private bool _isTemporary;
    private bool _isOnly;
    private Func<FileError>? _make; // the durable file that is not made yet

    /// <summary>Makes the durable file. That of a message for one mailbox is made when it gets its name there: in one visit to the disk.</summary>
    public Task<FileError> PrepareAsync(Mailbox first, DateTimeOffset? internalDate, bool isOnly)
    {
        _isOnly = isOnly;
        _make = () => Make(MaildirMailbox.Of(first), internalDate);
        return isOnly ? Task.FromResult(FileError.None) : store.Disk.RunAsync(MakeOnce);
    }

    /// <summary>Gives the file a name in a folder: in new/ where it has no flags.</summary>
    public async Task<(FileError Error, Arrival? Arrival)> PlaceAsync(Mailbox mailbox, MessageFlags flags, DateTimeOffset internalDate)
    {
        MaildirFolder target = MaildirMailbox.Of(mailbox);
        KeywordLetters letters = MaildirMailbox.LettersOf(mailbox);
        uint given = flags.Keywords.Count == 0 ? 0 : await store.Disk.RunAsync(() => letters.Assign(flags.Keywords));
        bool inNew = flags.System == SystemFlags.None;
        WireLength length = new(message.WireOctets, message.IsSentAsIs);
        byte[] name = mark is null ? store.Names.Next(message.StoredOctets, length) : store.Names.Of(mark, message.StoredOctets, length);
        if (mark is { MayBeThere: true })
        {
            FileError looked = await store.Disk.RunAsync(() => target.Find(store.Files, name));
            if (looked != FileError.NotFound)
                return (looked == FileError.None ? FileError.Exists : looked, null);
        }

        if (!inNew)
            name = MaildirFileName.WithFlags(name, flags.System, given);
        FilePath path = target.Locate(name, inNew);
        mailbox.InFlight.TryAdd(name, 0);
        FilePath folder = inNew ? target.New : target.Cur;
        (FileError error, bool isSynced) = await (_isOnly
            ? store.Disk.RunHereAsync(() => Place(target, path, folder)) : store.Disk.RunAsync(() => Place(target, path, folder)));
        if (error == FileError.None && !isSynced)
        {
            error = await store.Sync.SyncAsync(folder);
            if (error != FileError.None)
                await store.Disk.RunAsync(() => store.Files.Unlink(path));
        }

        if (error == FileError.None)
            return (error, new Arrival(name, inNew, flags, message.WireOctets, message.StoredOctets, internalDate, message.Structure) { IsSentAsIs = length.IsSentAsIs });
        mailbox.InFlight.TryRemove(name, out _);
        return (error, null);
    }

    /// <summary>Removes the temporary name where it is still there.</summary>
    public async ValueTask DisposeAsync()
    {
        if (_isTemporary)
            await store.Disk.RunAsync(() => store.Files.Unlink(_source));
        _isTemporary = false;
    }

    private FileError Make(MaildirFolder first, DateTimeOffset? internalDate)
    {
        bool staged = message.Content.Path is not null && !(internalDate is not null && message.IsLinked);
        if (!staged)
        {
            _source = first.Tmp.Child(store.Names.NextTemporary());
            FileError made = FileCopy.Make(store.Files, _source, internalDate, message.Content.CopyTo);
            _isTemporary = made == FileError.None;
            return made;
        }

        _source = message.Content.Path!.Value;
        FileError error = internalDate is { } time ? message.Content.SetFileModified(time) : FileError.None;
        return error == FileError.None ? message.Content.SyncFile() : error;
    }

    private FileError MakeOnce()
    {
        FileError error = _make?.Invoke() ?? FileError.None;
        _make = null;
        return error;
    }

    /// <summary>Everything that makes a message durable, in turn. Where another is syncing the folder, the next one of it is to be shared.</summary>
    private (FileError Error, bool IsSynced) Place(MaildirFolder target, FilePath path, FilePath folder)
    {
        FileError error = MakeOnce();
        if (error == FileError.None)
            error = Name(target, path, move: _isOnly && _isTemporary);
        if (error != FileError.None || !store.Sync.TrySync(folder, out FileError synced))
            return (error, false);
        if (synced != FileError.None)
            store.Files.Unlink(path);
        return (synced, true);
    }

    private FileError Name(MaildirFolder target, FilePath path, bool move)
    {
        if (move)
        {
            FileError renamed = store.Files.Rename(_source, path);
            _isTemporary = renamed != FileError.None;
            return renamed;
        }

        // A user who may write to a file in his own home must not write to another's mail by it.
        if (store.Options.Place == StorePlace.Home)
            return CopyInto(target, path);
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
