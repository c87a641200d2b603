using FullStack.Store.Mailboxes;
using FullStack.Store.Posix;
using FullStack.Store.Quota;
using Microsoft.Win32.SafeHandles;

namespace FullStack.Store.Maildir;

/// <summary>Reads folders. All of it blocks.</summary>
internal static class FolderScan
{
    private static readonly TimeSpan TemporaryLife = TimeSpan.FromHours(36);

    /// <summary>Most listings to look for the same files: a program that renames faster than that will be told of by the watch.</summary>
    private const int MostListings = 4;

    /// <summary>A file as its name shows it.</summary>
    public static ListedMessage Listed(byte[] name, bool inNew) => new(name, inNew, MaildirFileName.Flags(name));

    /// <summary>All message files, each base name once: a file that is in cur/ and in new/ counts as in cur/.</summary>
    public static FileError List(IMaildirFiles files, MaildirFolder folder, out Dictionary<byte[], ListedMessage> found)
        => List(files, folder, out found, second: null);

    /// <summary>The same, and takes the second name from files that have two.</summary>
    /// <remarks>
    /// A rename leaves both names when a power cut takes the change to one of two directories, or when a kill hits
    /// between link and unlink where the file system cannot rename without replacing. A name left in new/ would come
    /// back as a message when the one in cur/ is expunged. Only under the mailbox lock: else it may be a rename at work.
    /// </remarks>
    public static FileError ListAndMend(IMaildirFiles files, MaildirFolder folder, out Dictionary<byte[], ListedMessage> found)
    {
        List<ListedMessage> second = [];
        FileError listed = List(files, folder, out found, second);
        foreach (ListedMessage other in listed == FileError.None ? second : [])
        {
            ListedMessage kept = found[other.Name];
            FilePath path = folder.Locate(other.Name, other.InNew);
            bool isSame = files.Stat(path, out FileFacts facts) == FileError.None
                && files.Stat(folder.Locate(kept.Name, kept.InNew), out FileFacts keptFacts) == FileError.None && facts == keptFacts;
            if (isSame)
                files.Unlink(path);
        }

        return listed;
    }

    /// <summary>Looks again for files that a listing lacks. What no listing finds is gone.</summary>
    /// <remarks>
    /// Of a file that is renamed while its directory is read neither name need be told (POSIX, readdir), and others may rename at any time: each listing that finds some
    /// of the files is reason for another one.
    /// </remarks>
    /// <param name="files">The file system.</param>
    /// <param name="folder">Where the files were.</param>
    /// <param name="missing">Their names, with any flags.</param>
    /// <param name="found">Those that are there after all.</param>
    public static FileError Seek(IMaildirFiles files, MaildirFolder folder, IEnumerable<byte[]> missing, out Dictionary<byte[], ListedMessage> found)
    {
        HashSet<byte[]> wanted = new(missing, BaseNameComparer.Instance);
        Dictionary<byte[], ListedMessage> seen = found = new(BaseNameComparer.Instance);
        FileError listed = FileError.None;
        for (int i = 0, before = -1; i < MostListings && seen.Count > before && seen.Count < wanted.Count && listed == FileError.None; i++)
        {
            before = seen.Count;
            listed = files.List(folder.New, name => Note(name, inNew: true));
            if (listed == FileError.None)
                listed = files.List(folder.Cur, name => Note(name, inNew: false));
        }

        return listed;

        void Note(ReadOnlySpan<byte> name, bool inNew)
        {
            if (!wanted.GetAlternateLookup<ReadOnlySpan<byte>>().TryGetValue(name, out byte[]? known))
                return;
            seen.Remove(known);
            ListedMessage file = Listed(name.ToArray(), inNew);
            seen.Add(file.Name, file);
        }
    }

    private static FileError List(IMaildirFiles files, MaildirFolder folder, out Dictionary<byte[], ListedMessage> found, List<ListedMessage>? second)
    {
        Dictionary<byte[], ListedMessage> byBase = new(BaseNameComparer.Instance);
        found = byBase;

        // new/ first: a file that moves to cur/ between the two listings is then seen twice, not missed.
        FileError listed = files.List(folder.New, name => Add(name, true));
        return listed == FileError.None ? files.List(folder.Cur, name => Add(name, false)) : listed;

        void Add(ReadOnlySpan<byte> name, bool inNew)
        {
            if (name[0] == '.')
                return;
            ListedMessage file = Listed(name.ToArray(), inNew);
            if (byBase.TryAdd(file.Name, file))
                return;
            ListedMessage known = byBase[file.Name];
            if (inNew || (!known.InNew && known.Name.AsSpan().SequenceCompareTo(file.Name) <= 0))
            {
                second?.Add(file);
                return;
            }

            second?.Add(known);
            byBase.Remove(known.Name);
            byBase.Add(file.Name, file);
        }
    }

    /// <summary>Finds what has to be known of a file that has no UID yet; <see cref="FileError.NotFound"/> where it is gone or no file.</summary>
    /// <param name="files">The file system.</param>
    /// <param name="folder">Where the file is.</param>
    /// <param name="listed">The file.</param>
    /// <param name="known">Its length on the wire where the name does not tell it; unknown to count.</param>
    /// <param name="found">What is known of it then.</param>
    public static FileError Examine(IMaildirFiles files, MaildirFolder folder, ListedMessage listed, WireLength known, out FoundMessage found)
    {
        found = default;
        FileError looked = files.Stat(folder.Locate(listed.Name, listed.InNew), out FileFacts facts);
        if (looked != FileError.None || !facts.IsFile)
            return looked == FileError.None ? FileError.NotFound : looked;
        WireLength length = ByName(listed.Name, facts.Octets);
        if (length.Octets < 0)
            length = known;
        if (length.Octets < 0)
            looked = Count(files, folder.Locate(listed.Name, listed.InNew), out length);
        found = new(listed, length.Octets, MaildirFileName.StoredOctets(listed.Name, facts.Octets), DateTimeOffset.FromUnixTimeSeconds(DateOf(facts)), length.IsSentAsIs);
        return looked;
    }

    /// <summary>When a message arrived, Unix time, by what the file system says of its file.</summary>
    public static long DateOf(FileFacts facts) => Math.Clamp(facts.ModifiedSeconds, 0, 253402300799);

    /// <summary>The length that a name tells; unknown where it tells none, or what cannot be true of a file of this length.</summary>
    /// <remarks>A name that is wrong about the length stored was made for other octets, and its wire size is as wrong.</remarks>
    public static WireLength ByName(ReadOnlySpan<byte> name, long storedOctets)
    {
        long stored = MaildirFileName.Field(name, (byte)'S'), wire = MaildirFileName.Field(name, (byte)'W');
        bool canBe = (stored < 0 || stored == storedOctets) && wire >= storedOctets && wire - storedOctets <= storedOctets;
        return canBe ? new(wire, MaildirFileName.IsSentAsIs(name)) : WireLength.Unknown;
    }

    /// <summary>Adds up all files of a folder.</summary>
    public static FileError Measure(IMaildirFiles files, MaildirFolder folder, out QuotaAmount amount)
    {
        QuotaAmount sum = default;
        foreach (FilePath directory in (ReadOnlySpan<FilePath>)[folder.New, folder.Cur])
        {
            FileError error = files.List(directory, name =>
            {
                if (name[0] == '.')
                    return;
                long octets = MaildirFileName.Field(name, (byte)'S');
                if (octets < 0 && files.Stat(directory.Child(name), out FileFacts facts) == FileError.None && facts.IsFile)
                    octets = facts.Octets;
                if (octets >= 0)
                    sum += new QuotaAmount(octets, 1);
            });
            amount = sum;
            if (error is not (FileError.None or FileError.NotFound)) // A directory that is missing holds nothing.
                return error;
        }

        amount = sum;
        return FileError.None;
    }

    /// <summary>Removes what crashed deliveries left.</summary>
    public static void CleanTemporary(IMaildirFiles files, MaildirFolder folder, DateTimeOffset now)
    {
        List<byte[]> names = [];
        files.List(folder.Tmp, name => names.Add(name.ToArray()));
        foreach (byte[] name in names)
        {
            FilePath path = folder.Tmp.Child(name);
            if (files.Stat(path, out FileFacts facts) == FileError.None && facts.IsFile
                && DateTimeOffset.FromUnixTimeSeconds(facts.ModifiedSeconds) < now - TemporaryLife)
                files.Unlink(path);
        }
    }

    /// <summary>Looks for a file by its base name; null where it is in neither directory.</summary>
    public static ListedMessage? Find(IMaildirFiles files, MaildirFolder folder, byte[] name)
    {
        FileError listed = FileError.None;
        for (int i = 0; i < 2 && listed == FileError.None; i++) // twice, as for Seek
        {
            listed = Seek(files, folder, [name], out Dictionary<byte[], ListedMessage> all);
            if (all.TryGetValue(name, out ListedMessage found))
                return found;
        }

        return null;
    }

    /// <summary>Counts what a file is on the wire.</summary>
    public static FileError Count(IMaildirFiles files, FilePath path, out WireLength length)
    {
        length = default;
        FileError opened = files.OpenRead(path, out SafeFileHandle? file, out FileFacts facts);
        if (opened != FileError.None)
            return opened;
        using (file)
            return StoredToWire.Count(files, file!, facts.Octets, out length);
    }
}
