using FullStack.Store.Acl;
using FullStack.Store.Posix;
using FullStack.Store.SideFiles;
using Microsoft.Win32.SafeHandles;

namespace FullStack.Store.Takeover;

/// <summary>What shows at a glance that another server had a folder before.</summary>
/// <param name="Any">Whether it left something to take over.</param>
/// <param name="UidValidity">The highest UIDVALIDITY that it wrote down for the folder; 0 where none.</param>
/// <param name="Acl">Who may do what with the folder; null or empty where it wrote nothing down.</param>
internal readonly record struct FormerTraces(bool Any, uint UidValidity, IReadOnlyList<AclEntry>? Acl = null)
{
    /// <summary>
    /// Name of an empty file that says that a folder was taken over, as versions without a list of their own made it. From then
    /// on this server gives out the UIDs, and the former server's list is out of date. Our own list says the same today.
    /// </summary>
    public const string Marker = "fullstack-taken-over";

    private const int HeaderOctets = 256;

    /// <summary>Looks for traces, and for a list of our own, which comes before all. Blocks.</summary>
    /// <exception cref="IOException">It cannot be seen whether the folder was taken over.</exception>
    public static FormerTraces Find(StoreContext store, FilePath folder, bool isInbox)
    {
        IMaildirFiles files = store.Files;
        UidListFile own = new(files, folder, () => folder);
        FileError peeked = own.Peek(out UidListState? state, out _);
        if (peeked is not (FileError.None or FileError.NotFound))
            throw new IOException($"cannot read {own.Path}: {peeked}");
        if (state is not null)
            return new(true, state.UidValidity);
        FileError marked = peeked == FileError.None ? FileError.None : files.Stat(folder.Child(Marker), out _);
        if (marked == FileError.None)
            return default;
        if (marked != FileError.NotFound)
            throw new IOException($"cannot look at {folder}: {marked}");
        uint validity = Math.Max(Peek(files, folder.Child(FormerFolder.DovecotList)), Peek(files, folder.Child(FormerFolder.CourierList)));
        bool any = Exists(FormerFolder.DovecotList) || Exists(FormerFolder.CourierList) || Exists(FormerFolder.DovecotKeywords)
            || Exists(FormerFolder.CourierKeywords) || Exists(FormerAcl.CourierFile) || Exists(FormerAcl.DovecotFile)
            || (isInbox && (Exists(FormerFolder.CourierPop3) || Exists(FormerAcl.CourierHierarchy)));
        return new(any, validity, ReadAcl(store, folder));

        // What cannot be looked at is there: opening the mailbox will say what is wrong.
        bool Exists(string name) => files.Stat(folder.Child(name), out _) != FileError.NotFound;
    }

    /// <summary>Read at first sight, for others may look at a mailbox that its owner never opens.</summary>
    private static List<AclEntry> ReadAcl(StoreContext store, FilePath folder)
    {
        FormerFiles files = new(store.Files);
        List<AclEntry> acl = FormerAcl.Read(files, folder, out string? damaged);
        if (files.Error != FileError.None)
            throw new IOException($"cannot read {files.FailedPath}: {files.Error}");
        if (damaged is not null)
            StoreLog.AclDamaged(store.Log, folder.ToString(), damaged);
        return acl;
    }

    private static uint Peek(IMaildirFiles files, FilePath path)
    {
        if (files.OpenRead(path, out SafeFileHandle? file, out _) != FileError.None)
            return 0;
        Span<byte> header = stackalloc byte[HeaderOctets];
        using (file)
            return files.Read(file!, header, 0, out int count) == FileError.None ? FormerUidList.PeekUidValidity(header[..count]) : 0;
    }
}
