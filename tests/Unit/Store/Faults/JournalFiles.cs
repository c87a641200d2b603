using System.Runtime.CompilerServices;
using FullStack.Store.Posix;
using Microsoft.Win32.SafeHandles;

namespace FullStack.Unit.Store.Faults;

/// <summary>The real files below a root, and a journal of every effect on them.</summary>
internal sealed class JournalFiles(IMaildirFiles real, string root, Journal journal) : IMaildirFiles
{
    private readonly ConditionalWeakTable<SafeFileHandle, OpenFile> _open = [];
    private readonly ConditionalWeakTable<Node, OpenFile> _files = [];

    /// <summary>Puts each mailbox on a file system of its own: no message is renamed or linked into another.</summary>
    public bool EachMailboxIsAFileSystem { get; set; }

    /// <summary>Called with a directory's path before it is synced.</summary>
    public Action<string> BeforeDirectorySync { get; init; } = static _ => { };

    /// <summary>Called with a file's path before its name goes.</summary>
    public Action<string> BeforeUnlink { get; set; } = static _ => { };

    public FileError Create(FilePath path, out SafeFileHandle? file)
    {
        FileError error = real.Create(path, out file);
        if (error != FileError.None)
            return error;
        (Node directory, string name) = Locate(path);
        Node node = new(isDirectory: false, isScratch: false, isLock: name.EndsWith(".lock", StringComparison.Ordinal));
        OpenFile made = new(node);
        _open.Add(file!, made);
        _files.Add(node, made);
        journal.AddName(directory, name, node);
        journal.Add(new ContentEffect(node, [], null));
        return error;
    }

    public FileError OpenAppend(FilePath path, out SafeFileHandle? file) => real.OpenAppend(path, out file);

    public FileError Write(SafeFileHandle file, ReadOnlySpan<byte> octets, long offset)
    {
        FileError error = real.Write(file, octets, offset);
        if (error == FileError.None && _open.TryGetValue(file, out OpenFile? open))
        {
            byte[] whole = new byte[Math.Max(open.Octets.Length, offset + octets.Length)];
            open.Octets.CopyTo(whole, 0);
            octets.CopyTo(whole.AsSpan((int)offset));
            open.Octets = whole;
            journal.Add(new ContentEffect(open.Node, whole, open.Modified));
        }

        return error;
    }

    public FileError Sync(SafeFileHandle file)
    {
        FileError error = real.Sync(file);
        if (error == FileError.None && _open.TryGetValue(file, out OpenFile? open))
            journal.Add(new SyncEffect(open.Node));
        return error;
    }

    public FileError SyncDirectory(FilePath directory)
    {
        BeforeDirectorySync(directory.ToString());
        FileError error = real.SyncDirectory(directory);
        if (error == FileError.None)
            journal.Add(new SyncEffect(NodeOf(directory)));
        return error;
    }

    public FileError SyncFileSystem(FilePath directory)
    {
        FileError error = real.SyncFileSystem(directory);
        if (error == FileError.None)
            journal.Add(new SyncEffect(null));
        return error;
    }

    public FileError SetModified(SafeFileHandle file, DateTimeOffset time)
    {
        FileError error = real.SetModified(file, time);
        if (error == FileError.None && _open.TryGetValue(file, out OpenFile? open))
            journal.Add(new ContentEffect(open.Node, open.Octets, open.Modified = time));
        return error;
    }

    public FileError Link(FilePath from, FilePath to)
    {
        if (IsElsewhere(from, to))
            return FileError.CrossDevice;
        FileError error = real.Link(from, to);
        if (error != FileError.None)
            return error;
        (Node directory, string name) = Locate(to);
        journal.AddName(directory, name, NodeOf(from));
        return error;
    }

    public FileError Rename(FilePath from, FilePath to)
    {
        if (IsElsewhere(from, to))
            return FileError.CrossDevice;
        FileError error = real.Rename(from, to);
        if (error == FileError.None)
            Rename(Locate(from), Locate(to));
        return error;
    }

    public FileError Replace(FilePath from, FilePath to)
    {
        FileError error = real.Replace(from, to);
        if (error == FileError.None)
            Rename(Locate(from), Locate(to));
        return error;
    }

    public FileError Unlink(FilePath path)
    {
        BeforeUnlink(path.ToString());
        FileError error = real.Unlink(path);
        if (error == FileError.None)
            Remove(path);
        return error;
    }

    public FileError MakeDirectory(FilePath path)
    {
        FileError error = real.MakeDirectory(path);
        if (error != FileError.None)
            return error;
        (Node directory, string name) = Locate(path);
        journal.AddName(directory, name, new(isDirectory: true, isScratch: name is "tmp" or ".staging"));
        return error;
    }

    public FileError RemoveDirectory(FilePath path)
    {
        FileError error = real.RemoveDirectory(path);
        if (error == FileError.None)
            Remove(path);
        return error;
    }

    public FileError List(FilePath directory, NameVisitor visit, int enough = int.MaxValue) => real.List(directory, visit, enough);

    public FileError Stat(FilePath path, out FileFacts facts) => real.Stat(path, out facts);

    public FileError OpenRead(FilePath path, out SafeFileHandle? file, out FileFacts facts) => real.OpenRead(path, out file, out facts);

    public FileError OpenWrite(FilePath path, out SafeFileHandle? file, out FileFacts facts)
    {
        FileError error = real.OpenWrite(path, out file, out facts);
        if (error == FileError.None)
            _open.Add(file!, Known(path));
        return error;
    }

    public FileError OpenUpdate(FilePath path, out SafeFileHandle? file, out FileFacts facts)
    {
        FileError error = real.OpenUpdate(path, out file, out facts);
        if (error == FileError.None)
            _open.Add(file!, Known(path));
        return error;
    }

    private OpenFile Known(FilePath path)
        => _files.GetValue(NodeOf(path), node => new(node) { Octets = File.ReadAllBytes(path.ToString()) });

    public FileError StatOpen(SafeFileHandle file, out FileFacts facts) => real.StatOpen(file, out facts);

    public FileError SetLength(SafeFileHandle file, long octets)
    {
        FileError error = real.SetLength(file, octets);
        if (error == FileError.None && _open.TryGetValue(file, out OpenFile? open))
        {
            byte[] whole = new byte[octets];
            open.Octets.AsSpan(0, (int)Math.Min(octets, open.Octets.Length)).CopyTo(whole);
            open.Octets = whole;
            journal.Add(new ContentEffect(open.Node, whole, open.Modified));
        }

        return error;
    }

    public FileError Lock(SafeFileHandle file, bool exclusive) => real.Lock(file, exclusive);

    public void Pause(TimeSpan time) => real.Pause(time);

    public FileError CopyOwner(SafeFileHandle from, SafeFileHandle to) => real.CopyOwner(from, to);

    public FileError Read(SafeFileHandle file, Span<byte> buffer, long offset, out int count) => real.Read(file, buffer, offset, out count);

    private void Rename((Node Directory, string Name) from, (Node Directory, string Name) to)
        => journal.Rename(from.Directory, from.Name, to.Directory, to.Name);

    private void Remove(FilePath path)
    {
        (Node directory, string name) = Locate(path);
        journal.RemoveName(directory, name);
    }

    private (Node Directory, string Name) Locate(FilePath path) => journal.Locate(Below(path));

    private Node NodeOf(FilePath path) => journal.Find(Below(path));

    private string Below(FilePath path)
    {
        string text = path.ToString();
        return text.StartsWith(root, StringComparison.Ordinal) ? text[root.Length..] : throw new InvalidOperationException($"{text} is not below the root");
    }

    private bool IsElsewhere(FilePath from, FilePath to)
    {
        if (!EachMailboxIsAFileSystem)
            return false;
        string[] directories = [.. ((FilePath[])[from, to]).Select(static p => Path.GetDirectoryName(p.ToString())!)];
        return directories.All(static d => Path.GetFileName(d) is "tmp" or "new" or "cur")
            && Path.GetDirectoryName(directories[0]) != Path.GetDirectoryName(directories[1]);
    }

    private sealed class OpenFile(Node node)
    {
        public Node Node { get; } = node;
        public byte[] Octets { get; set; } = [];
        public DateTimeOffset? Modified { get; set; }
    }
}
