using FullStack.Store.Maildir;
using FullStack.Store.Places;
using FullStack.Store.Posix;
using Microsoft.Data.Sqlite;
using Microsoft.Win32.SafeHandles;

namespace FullStack.Store.Backup;

/// <summary>Copies folders that a server may be working in. All of it blocks.</summary>
/// <remarks>
/// Messages never change once they have their name, and become hard links where that can be. All else is copied, for it may be written in place; an mbox under its lock, and
/// a database by SQLite's online backup. What can be made anew, and what belongs to the running process, is left out: the text index, counted quotas, locks, drafts of files in <c>tmp</c>.
/// </remarks>
internal sealed class TreeCopy(IMaildirFiles files, IProgress<long> progress, CancellationToken ct)
{
    private const int BlockOctets = 256 * 1024;

    /// <summary>How often a folder is listed again from which names vanished while it was gone through.</summary>
    private const int MaxRounds = 1000;

    private static readonly TimeSpan LockPause = TimeSpan.FromMilliseconds(20);
    private static readonly TimeSpan LockTime = TimeSpan.FromSeconds(30);

    private readonly byte[] _block = new byte[BlockOctets];
    private bool _isInHome;
    private readonly List<string> _left = [];
    private long _linked;
    private long _copied;
    private long _octets;

    public BackupReport Report => new(_linked, _copied, _octets, _left);

    /// <summary>Whether messages may be links of the originals.</summary>
    public bool Links { get; init; } = true;

    /// <summary>How Maildirs in homes are read, which come where they would be if they lay below the store's root; null: they are left out.</summary>
    /// <remarks>Their owners may write to them. So nothing in them is linked, or opened as a database, and one that cannot be copied is no reason to have no backup.</remarks>
    public IMaildirFiles? Homes { get; init; }

    /// <summary>Whether what is copied is itself a Maildir in a home.</summary>
    public bool IsHome { init => _isInHome = value; }

    private IMaildirFiles Source => _isInHome ? Homes ?? files : files;

    /// <summary>Makes a folder that only its owner may read, where it is not there yet.</summary>
    /// <exception cref="IOException">It cannot be made.</exception>
    public void Make(FilePath folder)
        => Require(files.MakeDirectory(folder) is var made && made == FileError.Exists ? FileError.None : made, folder);

    /// <summary>Copies a folder with all below it. What the target has already stays.</summary>
    /// <param name="from">The folder.</param>
    /// <param name="to">What it becomes.</param>
    /// <param name="isWanted">Which of its names count; null: all.</param>
    /// <exception cref="IOException">Something could not be read or written.</exception>
    public void Folder(FilePath from, FilePath to, Func<byte[], bool>? isWanted = null) => Folder(from, to, isWanted, (Messages: true, Others: true));

    /// <summary>Copies the folders and the messages of Maildirs, and nothing else.</summary>
    /// <inheritdoc cref="Folder(FilePath, FilePath, Func{byte[], bool}?)"/>
    public void MessagesBelow(FilePath from, FilePath to, Func<byte[], bool>? isWanted) => Folder(from, to, isWanted, (Messages: true, Others: false));

    /// <summary>Copies all but the messages of Maildirs.</summary>
    /// <inheritdoc cref="Folder(FilePath, FilePath, Func{byte[], bool}?)"/>
    public void OthersBelow(FilePath from, FilePath to, Func<byte[], bool>? isWanted) => Folder(from, to, isWanted, (Messages: false, Others: true));

    private void Folder(FilePath from, FilePath to, Func<byte[], bool>? isWanted, (bool Messages, bool Others) what)
    {
        ct.ThrowIfCancellationRequested();
        Make(to);
        List<byte[]> folders = [], plain = [], databases = [];
        Require(Sort(from, isWanted, folders, plain, databases), from);
        string? home = Homes is not null && plain.Exists(static name => name.AsSpan().SequenceEqual(PlaceRecordName)) ? PlaceRecord.Read(files, from.ToString())?.Maildir : null;
        if (home is not null)
        {
            folders.RemoveAll(static name => name.AsSpan().SequenceEqual("Maildir"u8));
            Home(FilePath.Of(home), to.Child("Maildir"u8), what);
        }

        bool isMaildir = folders.Exists(static name => name.AsSpan().SequenceEqual("cur"u8)) && folders.Exists(static name => name.AsSpan().SequenceEqual("new"u8));
        if (isMaildir && what.Messages)
            Messages(from, to);
        foreach (byte[] name in folders)
        {
            if (isMaildir && (name.AsSpan().SequenceEqual("cur"u8) || name.AsSpan().SequenceEqual("new"u8)))
                Make(to.Child(name));
            else if (name.AsSpan().SequenceEqual("tmp"u8))
                Make(to.Child(name));
            else
                Folder(from.Child(name), to.Child(name), null, what);
        }

        if (!what.Others)
            return;
        bool isSpool = IsSpool(from);
        foreach (byte[] name in plain)
            Vanishing(isSpool ? Link(from.Child(name), to.Child(name)) : Copy(from.Child(name), to.Child(name)), from.Child(name));
        foreach (byte[] name in databases)
            Database(from.Child(name).ToString(), to.Child(name).ToString());
    }

    private static ReadOnlySpan<byte> PlaceRecordName => "fullstack-place"u8;

    private void Home(FilePath from, FilePath to, (bool Messages, bool Others) what)
    {
        _isInHome = true;
        try
        {
            Folder(from, to, null, what);
        }
        catch (IOException e) when (e.HResult != Errno.NoSpace)
        {
            string left = $"{from}: in the backup not whole: {e.Message}";
            if (!_left.Contains(left))
                _left.Add(left);
        }
        finally
        {
            _isInHome = false;
        }
    }

    /// <exception cref="IOException">There was an error.</exception>
    public static void Require(FileError error, FilePath path)
    {
        if (error != FileError.None)
            throw new IOException($"{path}: {error}", error == FileError.NoSpace ? Errno.NoSpace : 0);
    }

    private static void Vanishing(FileError error, FilePath path) => Require(error == FileError.NotFound ? FileError.None : error, path);

    private FileError Sort(FilePath folder, Func<byte[], bool>? isWanted, List<byte[]> folders, List<byte[]> plain, List<byte[]> databases)
    {
        List<byte[]> names = [];
        FileError listed = Source.List(folder, name => names.Add(name.ToArray()));
        foreach (byte[] name in names)
        {
            if (isWanted?.Invoke(name) == false || IsPassing(name) || OwnedFiles.Look(folder.Child(name), out OwnedFile found) != FileError.None)
                continue;
            if (found.Facts.IsDirectory)
                folders.Add(name);
            else if (!found.Facts.IsFile && name.AsSpan().SequenceEqual("control"u8))
                continue; // the socket of the running server
            else if (!found.Facts.IsFile)
                _left.Add($"{folder.Child(name)}: neither a file nor a folder");
            else if (name.AsSpan().EndsWith(".db"u8) && !_isInHome)
                databases.Add(name);
            else
                plain.Add(name);
        }

        return listed;
    }

    /// <summary>Whether a name is one of the running server, or of what it makes anew.</summary>
    private static bool IsPassing(ReadOnlySpan<byte> name)
        => name.SequenceEqual(".lock"u8) || name.SequenceEqual(".staging"u8) || name.SequenceEqual(".restore"u8) || name.SequenceEqual("search.db"u8) || name.SequenceEqual(".usage.db"u8)
            || name.EndsWith("-wal"u8) || name.EndsWith("-shm"u8) || name.EndsWith("-journal"u8) || name.EndsWith(".lock"u8);

    /// <summary>The queue's messages lie in folders named by two characters below one that is named so.</summary>
    private static bool IsSpool(FilePath folder) => Path.GetFileName(Path.GetDirectoryName(folder.ToString())) == "messages";

    /// <summary>
    /// The messages of a Maildir, each once. One whose flags change while the folder is gone through, or that goes from new/ to cur/, vanishes under the name that was listed and is
    /// found under another one.
    /// </summary>
    private void Messages(FilePath from, FilePath to)
    {
        HashSet<byte[]> have = new(BaseNameComparer.Instance);
        bool hasVanished = true;
        for (int round = 0; hasVanished && round < MaxRounds; round++)
        {
            hasVanished = false;
            foreach (string part in (ReadOnlySpan<string>)["new", "cur"])
            {
                Make(to.Child(part));
                List<byte[]> names = [];
                Require(Source.List(from.Child(part), name => names.Add(name.ToArray())), from.Child(part));
                foreach (byte[] name in names)
                {
                    ct.ThrowIfCancellationRequested();
                    if (!have.Add(name))
                        continue;
                    FileError error = Link(from.Child(part).Child(name), to.Child(part).Child(name));
                    if (error == FileError.NotFound)
                    {
                        have.Remove(name);
                        hasVanished = true;
                        continue;
                    }

                    Require(error, from.Child(part).Child(name));
                }
            }
        }

        if (hasVanished)
            _left.Add($"{from}: messages were renamed all the time; some may be missing");
    }

    private FileError Link(FilePath from, FilePath to)
    {
        if (!Links || _isInHome)
            return Copy(from, to);
        FileError error = files.Link(from, to);
        if (error is FileError.CrossDevice or FileError.NoMoreLinks or FileError.NotSupported or FileError.Denied)
            return Copy(from, to);
        if (error == FileError.None)
            Count(ref _linked);
        return error == FileError.Exists ? FileError.None : error;
    }

    private FileError Copy(FilePath from, FilePath to)
    {
        FileError error = OwnedFiles.OpenRead(Source, from, out SafeFileHandle? source, out FileFacts facts);
        if (error != FileError.None)
            return error;
        using (source)
        {
            error = LockToRead(source!);
            if (error == FileError.None)
                error = files.Create(to, out SafeFileHandle? target) is var made && made == FileError.None ? Copy(source!, target!, facts) : made;
        }

        if (error == FileError.None)
            Count(ref _copied);
        return error == FileError.Exists ? FileError.None : error;
    }

    private FileError Copy(SafeFileHandle source, SafeFileHandle target, FileFacts facts)
    {
        using (target)
        {
            for (long offset = 0; ;)
            {
                FileError error = files.Read(source, _block, offset, out int count);
                if (error == FileError.None && count > 0)
                    error = files.Write(target, _block.AsSpan(0, count), offset);
                if (error != FileError.None)
                    return error;
                if (count == 0)
                    break;
                offset += count;
                _octets += count;
            }

            files.CopyOwner(source, target); // as far as this process may
            return files.SetModified(target, DateTimeOffset.FromUnixTimeSeconds(facts.ModifiedSeconds));
        }
    }

    /// <summary>An mbox is only whole while nobody writes to it; of other files nobody holds a lock.</summary>
    private FileError LockToRead(SafeFileHandle file)
    {
        FileError error;
        for (TimeSpan waited = default; (error = files.Lock(file, exclusive: false)) == FileError.Locked && waited < LockTime; waited += LockPause)
            files.Pause(LockPause);
        return error == FileError.NotSupported ? FileError.None : error;
    }

    private void Database(string from, string to)
    {
        if (File.Exists(to))
            return;
        try
        {
            using SqliteConnection source = Open(from, SqliteOpenMode.ReadWrite), target = Open(to, SqliteOpenMode.ReadWriteCreate);
            source.BackupDatabase(target);
        }
        catch (SqliteException e)
        {
            throw new IOException($"{from}: {e.Message}", e);
        }

        File.SetUnixFileMode(to, UnixFileMode.UserRead | UnixFileMode.UserWrite);
        _octets += new FileInfo(to).Length;
        Count(ref _copied);
    }

    private static SqliteConnection Open(string path, SqliteOpenMode mode)
    {
        SqliteConnection connection = new(new SqliteConnectionStringBuilder { DataSource = path, Mode = mode, Pooling = false }.ToString());
        connection.Open();
        return connection;
    }

    private void Count(ref long counter)
    {
        counter++;
        progress.Report(_linked + _copied);
    }
}
