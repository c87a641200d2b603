using System.Buffers.Binary;
using System.Text;
using FullStack.Store.Maildir;
using FullStack.Store.Posix;
using Microsoft.Win32.SafeHandles;

namespace FullStack.Store.Spool;

/// <summary>What is known of a partial file without opening it.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Octets">Its length on the disk.</param>
/// <param name="Modified">When it was last synced, to the second.</param>
public sealed record PartialFacts(string Name, long Octets, DateTimeOffset Modified);

/// <summary>A folder of files that grow (<see cref="PartialFile"/>). What a file means is known to whoever put it there.</summary>
/// <remarks>States a crash can leave of a file that is made: none; one under a name that ends in <c>.new</c>, which means nothing; whole, its name perhaps lost again.</remarks>
public sealed class PartialFolder
{
    private const string Unfinished = ".new";

    /// <summary>Longest head; a longer one is none that was written here.</summary>
    private const int MaxHeadOctets = 1 << 20;

    private readonly StoreContext _store;
    private readonly FilePath _root;

    internal PartialFolder(StoreContext store, string root)
    {
        (_store, _root) = (store, FilePath.Of(root));
        FileError made = MaildirFolder.MakeTree(store.Files, root);
        if (made != FileError.None)
            throw new IOException($"cannot make {root}: {made}");
    }

    /// <summary>Opens a file where it was left.</summary>
    /// <returns><see cref="StoreError.NotFound"/> where there is none, or what there is, is damaged.</returns>
    public async ValueTask<Result<PartialFile>> OpenAsync(string name)
    {
        (FileError error, PartialFile? file) = await _store.Disk.RunAsync(() => Open(_root.Child(name)));
        return file is not null ? file : error is FileError.None or FileError.NotFound ? StoreError.NotFound : _store.Fail("opening", _root.Child(name), error);
    }

    /// <summary>Makes a file without content, durably; one that has the name already is gone then.</summary>
    public async ValueTask<Result<PartialFile>> CreateAsync(string name, byte[] head)
    {
        (FileError error, PartialFile? file) = await _store.Disk.RunAsync(() => Create(_root.Child(name), _root.Child(name + Unfinished), head));
        return file is not null ? file : _store.Fail("making", _root.Child(name), error);
    }

    /// <summary>Removes a file; one that is not there is removed.</summary>
    public async ValueTask RemoveAsync(string name)
    {
        FileError error = await _store.Disk.RunAsync(() => _store.Files.Unlink(_root.Child(name)));
        if (error is not (FileError.None or FileError.NotFound))
            _store.Fail("removing", _root.Child(name), error);
    }

    /// <summary>All files, those that were never finished too.</summary>
    /// <exception cref="IOException">The folder cannot be read.</exception>
    public async ValueTask<IReadOnlyList<PartialFacts>> ListAsync() => await _store.Disk.RunAsync<IReadOnlyList<PartialFacts>>(() =>
    {
        List<string> names = [];
        FileError error = _store.Files.List(_root, name => names.Add(Encoding.UTF8.GetString(name)));
        if (error != FileError.None)
            throw new IOException($"cannot list {_root}: {error}");
        List<PartialFacts> found = [];
        foreach (string name in names)
        {
            if (_store.Files.Stat(_root.Child(name), out FileFacts facts) == FileError.None)
                found.Add(new(name, facts.Octets, DateTimeOffset.FromUnixTimeSeconds(facts.ModifiedSeconds)));
        }

        return found;
    });

    private (FileError Error, PartialFile? File) Open(FilePath path)
    {
        FileError error = _store.Files.OpenUpdate(path, out SafeFileHandle? file, out FileFacts facts);
        if (error != FileError.None)
            return (error, null);
        byte[] prefix = new byte[PartialFile.PrefixOctets];
        error = _store.Files.Read(file!, prefix, 0, out int read);
        if (error == FileError.None && read == prefix.Length && TryReadPrefix(prefix, facts.Octets, out long octets, out int headOctets))
        {
            byte[] head = new byte[headOctets];
            error = _store.Files.Read(file!, head, prefix.Length, out read);
            if (error == FileError.None && read == headOctets)
                return (error, new(_store, file!, head, octets));
        }

        file!.Dispose();
        return (error, null);
    }

    private static bool TryReadPrefix(byte[] prefix, long fileOctets, out long octets, out int headOctets)
    {
        octets = BinaryPrimitives.ReadInt64LittleEndian(prefix);
        headOctets = BinaryPrimitives.ReadInt32LittleEndian(prefix.AsSpan(PartialFile.MarkOctets));
        return BinaryPrimitives.ReadInt64LittleEndian(prefix.AsSpan(sizeof(long))) == ~octets && octets >= 0 && headOctets is >= 0 and <= MaxHeadOctets
            && octets <= fileOctets - PartialFile.PrefixOctets - headOctets;
    }

    private (FileError Error, PartialFile? File) Create(FilePath path, FilePath unfinished, byte[] head)
    {
        _store.Files.Unlink(unfinished);
        FileError error = _store.Files.Create(unfinished, out SafeFileHandle? file);
        if (error != FileError.None)
            return (error, null);
        byte[] start = new byte[PartialFile.PrefixOctets + head.Length];
        PartialFile.Mark(0).CopyTo(start, 0);
        BinaryPrimitives.WriteInt32LittleEndian(start.AsSpan(PartialFile.MarkOctets), head.Length);
        head.CopyTo(start, PartialFile.PrefixOctets);
        error = _store.Files.Write(file!, start, 0);
        if (error == FileError.None)
            error = _store.Files.SetModified(file!, _store.Time.GetUtcNow());
        if (error == FileError.None)
            error = _store.Files.Sync(file!);
        file!.Dispose();
        if (error == FileError.None)
            error = _store.Files.Replace(unfinished, path);
        if (error == FileError.None)
            error = _store.Files.SyncDirectory(_root);
        return error == FileError.None ? Open(path) : (error, null);
    }
}
