using System.Text;
using FullStack.Store.Delivery;
using FullStack.Store.Maildir;
using FullStack.Store.Mailboxes;
using FullStack.Store.Posix;
using Microsoft.Win32.SafeHandles;

namespace FullStack.Store.Spool;

/// <summary>Message files outside mailboxes, for mail on its way elsewhere: a folder with folders of files. What a file means is known to whoever put it there.</summary>
/// <remarks>
/// States a crash can leave of a file that is put: none; F of any length, which nothing refers to yet; F whole and synced, its folder not; F durable.
/// Only the last is reported. A file without meaning is for the owner to find and remove.
/// </remarks>
public sealed class MessageSpool
{
    private readonly StoreContext _store;
    private readonly FilePath _root;
    private readonly Lock _gate = new();
    private readonly HashSet<string> _made = [];

    internal MessageSpool(StoreContext store, string root)
    {
        (_store, _root) = (store, FilePath.Of(root));
        FileError made = MaildirFolder.MakeTree(store.Files, root);
        if (made != FileError.None)
            throw new IOException($"cannot make {root}: {made}");
    }

    /// <summary>Puts a complete staged message into a file. Durable on success; without a trace on failure.</summary>
    /// <param name="message">The message. A large one gives its own file a second name, where the file system allows.</param>
    /// <param name="place">Where it goes; nothing is there yet.</param>
    public async ValueTask<Result<Nothing>> PutAsync(StagedMessage message, SpoolPlace place)
    {
        FilePath folder = _root.Child(place.Folder);
        FilePath path = folder.Child(place.Name);
        FileError error = await _store.Disk.RunAsync(() => Write(message, place.Folder, folder, path));
        if (error == FileError.None)
        {
            error = await _store.Sync.SyncAsync(folder);
            if (error != FileError.None)
                await _store.Disk.RunAsync(() => _store.Files.Unlink(path));
        }

        return error == FileError.None ? default(Nothing) : _store.Fail("spooling", path, error);
    }

    /// <summary>Opens a file.</summary>
    /// <returns><see cref="StoreError.NotFound"/> where it is not there.</returns>
    public async ValueTask<Result<MessageContent>> OpenAsync(SpoolPlace place)
    {
        FilePath path = _root.Child(place.Folder).Child(place.Name);
        (FileError error, MessageContent? content) = await _store.Disk.RunAsync(() => Open(path));
        return content is not null ? content : error == FileError.NotFound ? StoreError.NotFound : _store.Fail("reading", path, error);
    }

    /// <summary>Removes a file; one that is not there is removed.</summary>
    /// <returns>Whether it is gone.</returns>
    public async ValueTask<bool> RemoveAsync(SpoolPlace place)
    {
        FilePath path = _root.Child(place.Folder).Child(place.Name);
        FileError error = await _store.Disk.RunAsync(() => _store.Files.Unlink(path));
        if (error is FileError.None or FileError.NotFound)
            return true;
        _store.Fail("removing", path, error);
        return false;
    }

    /// <summary>The folders that are there.</summary>
    /// <exception cref="IOException">The root cannot be read.</exception>
    public ValueTask<IReadOnlyList<string>> ListFoldersAsync() => ListAsync(_root);

    /// <summary>The files of a folder.</summary>
    /// <exception cref="IOException">The folder cannot be read.</exception>
    public ValueTask<IReadOnlyList<string>> ListFilesAsync(string folder) => ListAsync(_root.Child(folder));

    private async ValueTask<IReadOnlyList<string>> ListAsync(FilePath directory) => await _store.Disk.RunAsync<IReadOnlyList<string>>(() =>
    {
        List<string> names = [];
        FileError error = _store.Files.List(directory, name => names.Add(Encoding.UTF8.GetString(name)));
        return error is FileError.None or FileError.NotFound ? names : throw new IOException($"cannot list {directory}: {error}");
    });

    private FileError Write(StagedMessage message, string folderName, FilePath folder, FilePath path)
    {
        FileError error = MakeFolder(folderName, folder);
        if (error != FileError.None)
            return error;
        if (message.Content.Path is { } staged)
        {
            error = message.Content.SyncFile();
            if (error != FileError.None)
                return error;
            error = _store.Files.Link(staged, path);
            if (error == FileError.None)
                message.IsLinked = true;
            if (error is not (FileError.CrossDevice or FileError.NoMoreLinks or FileError.NotSupported or FileError.Denied))
                return error;
        }

        return FileCopy.Make(_store.Files, path, null, message.Content.CopyTo);
    }

    private FileError MakeFolder(string name, FilePath folder)
    {
        // Under the lock: who finds the folder made may rely on its name being durable.
        lock (_gate)
        {
            if (_made.Contains(name))
                return FileError.None;
            FileError error = _store.Files.MakeDirectory(folder);
            if (error is not (FileError.None or FileError.Exists))
                return error;

            // One that is there may have been made by a process that ended before it could sync it.
            error = _store.Files.SyncDirectory(_root);
            if (error == FileError.None)
                _made.Add(name);
            return error;
        }
    }

    private (FileError Error, MessageContent? Content) Open(FilePath path)
    {
        FileError error = _store.Files.OpenRead(path, out SafeFileHandle? file, out FileFacts facts);
        if (error != FileError.None)
            return (error, null);
        byte[] start = new byte[Math.Min(facts.Octets, MessageContent.StartOctets)];
        error = _store.Files.Read(file!, start, 0, out int count);
        if (error == FileError.None && count == start.Length)
            return (error, new MessageContent(_store, new FileOctets(_store.Files, file!, facts.Octets), start));
        file!.Dispose();
        return (error == FileError.None ? FileError.Failed : error, null);
    }
}
