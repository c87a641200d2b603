using FullStack.Store.Maildir;
using FullStack.Store.Posix;
using Microsoft.Win32.SafeHandles;

namespace FullStack.Store.Mailboxes;

/// <summary>A message file as a listing shows it.</summary>
internal readonly record struct ListedFile(byte[] Name, bool InNew);

/// <summary>A message file with what its mailbox has to know of it.</summary>
internal readonly record struct FoundFile(byte[] Name, bool InNew, long WireOctets, DateTimeOffset InternalDate);

/// <summary>Reads folders. All of it blocks.</summary>
internal static class FolderScan
{
    private static readonly TimeSpan TemporaryLife = TimeSpan.FromHours(36);

    /// <summary>All message files, each base name once: a file that is in cur/ and in new/ counts as in cur/.</summary>
    public static FileError List(IMaildirFiles files, MaildirFolder folder, out Dictionary<byte[], ListedFile> found)
    {
        Dictionary<byte[], ListedFile> byBase = new(BaseNameComparer.Instance);
        found = byBase;

        // new/ first: a file that moves to cur/ between the two listings is then seen twice, not missed.
        FileError listed = files.List(folder.New, name => Add(name, true));
        return listed == FileError.None ? files.List(folder.Cur, name => Add(name, false)) : listed;

        void Add(ReadOnlySpan<byte> name, bool inNew)
        {
            if (name[0] == '.')
                return;
            byte[] copy = name.ToArray();
            if (inNew || !byBase.TryGetValue(copy, out ListedFile known) || known.InNew || known.Name.AsSpan().SequenceCompareTo(copy) > 0)
                byBase[copy] = new(copy, inNew);
        }
    }

    /// <summary>Finds what has to be known of a file that has no UID yet; false where it is gone or no file.</summary>
    public static bool TryExamine(IMaildirFiles files, MaildirFolder folder, ListedFile listed, out FoundFile found)
    {
        found = default;
        FilePath path = folder.Locate(listed.Name, listed.InNew);
        if (files.Stat(path, out FileFacts facts) != FileError.None || !facts.IsFile)
            return false;
        long wire = MaildirFileName.Field(listed.Name, (byte)'W');
        if (wire < 0 && !TryCount(files, path, out wire))
            return false;
        found = new(listed.Name, listed.InNew, wire, DateTimeOffset.FromUnixTimeSeconds(Math.Clamp(facts.ModifiedSeconds, 0, 253402300799)));
        return true;
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
    public static ListedFile? Find(IMaildirFiles files, MaildirFolder folder, byte[] name)
        => List(files, folder, out Dictionary<byte[], ListedFile> all) == FileError.None && all.TryGetValue(name, out ListedFile found) ? found : null;

    private static bool TryCount(IMaildirFiles files, FilePath path, out long wireOctets)
    {
        wireOctets = 0;
        if (files.OpenRead(path, out SafeFileHandle? file, out _) != FileError.None)
            return false;
        using (file)
            return StoredToWire.Count(files, file!, out wireOctets) == FileError.None;
    }
}
