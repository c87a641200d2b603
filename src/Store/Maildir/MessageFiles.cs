using FullStack.Store.Mailboxes;
using FullStack.Store.Posix;

namespace FullStack.Store.Maildir;

/// <summary>
/// Operations on the files of some messages that other programs may rename at any time. Where a name is gone the folder is
/// listed, once for many messages, and the file looked up by its base name. All block; used by one call, on one thread.
/// </summary>
internal sealed class MessageFiles(IMaildirFiles files, MaildirFolder folder)
{
    /// <summary>Most listings: a program that renames faster than that will be told of by the watch.</summary>
    private const int MaxListings = 4;

    private Dictionary<byte[], ListedMessage>? _listed;
    private bool _isConfirmed; // by a second listing
    private int _listings;

    /// <summary>Runs an operation on a message's file.</summary>
    /// <param name="entry">The message as last known.</param>
    /// <param name="operation">Takes the path and the name; says <see cref="FileError.NotFound"/> where it is gone.</param>
    public FileError On(MessageEntry entry, Func<FilePath, byte[], FileError> operation)
    {
        (byte[] name, bool inNew) = (entry.FileName, entry.InNew);
        FileError result = operation(folder.Locate(name, inNew), name);
        while (result == FileError.NotFound)
        {
            bool found = TryFind(entry, out ListedMessage listed);
            if (found && listed.InNew == inNew && listed.Name.AsSpan().SequenceEqual(name))
            {
                _listed = null; // Renamed once more since that listing.
                found = TryFind(entry, out listed);
            }

            if (!found)
                return result;
            (name, inNew) = (listed.Name, listed.InNew);
            result = operation(folder.Locate(name, inNew), name);
        }

        return result;
    }

    private bool TryFind(MessageEntry entry, out ListedMessage listed)
    {
        listed = default;
        if (_listed is null && !TryList(out _listed))
            return false;
        if (_listed!.TryGetValue(entry.FileName, out listed))
            return true;
        if (_isConfirmed || !TryList(out Dictionary<byte[], ListedMessage>? again))
            return false;

        // Of a file that was renamed during that listing it need not have either name.
        foreach (ListedMessage file in again!.Values)
            _listed.TryAdd(file.Name, file);
        _isConfirmed = true;
        return _listed.TryGetValue(entry.FileName, out listed);
    }

    private bool TryList(out Dictionary<byte[], ListedMessage>? all)
    {
        all = null;
        _isConfirmed = false;
        return _listings++ < MaxListings && FolderScan.List(files, folder, out all) == FileError.None;
    }
}
