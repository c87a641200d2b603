using System.Buffers;
using FullStack.Store.Posix;
using Microsoft.Win32.SafeHandles;

namespace FullStack.Store.SideFiles;

/// <summary>
/// The text file <c>fullstack-uidlist</c> beside a mailbox: what the index knows of the mailbox and its files do not tell, so
/// that the index can be made anew. All of it blocks.
/// </summary>
/// <remarks>
/// The first line says what the file is. Each other one tells of a message, with its annotations, a property of the mailbox, or the
/// state of the whole (<see cref="UidListState"/>). Lines are only ever added; a later one takes the place of an earlier one.
/// Once half of them are stale the file is written anew.
/// What a crash leaves, F being the file: F; F with some of the lines that were added, the last perhaps torn, which its
/// check tells; F and a part of its successor in tmp/; the successor, whole and synced, under the name of F.
/// </remarks>
internal sealed class UidListFile(IMaildirFiles files, FilePath directory, Func<FilePath> temporary)
{
    public const string Name = "fullstack-uidlist";

    private const int BlockOctets = 64 * 1024;
    private const int TailOctets = 8 * 1024;
    private const int MaxOctets = 1 << 30;

    public FilePath Path { get; } = directory.Child(Name);

    /// <summary>Reads the last state without reading the file whole, which may be long.</summary>
    /// <param name="state">The state; null where there is no file, or none that could be understood.</param>
    /// <param name="facts">What the file system says of the file.</param>
    public FileError Peek(out UidListState? state, out FileFacts facts)
    {
        state = null;
        FileError opened = files.OpenRead(Path, out SafeFileHandle? file, out facts);
        if (opened != FileError.None)
            return opened;
        byte[] tail = new byte[(int)Math.Min(TailOctets, facts.Octets)];
        byte[] head = new byte[UidListContent.Header.Length];
        using (file)
        {
            FileError read = Fill(file!, tail, facts.Octets - tail.Length);
            if (read == FileError.None)
                read = Fill(file!, head, 0);
            if (read != FileError.None)
                return read;
        }

        if (!head.AsSpan().SequenceEqual(UidListContent.Header))
            return FileError.None;
        state = LastState(tail);
        if (state is not null || tail.Length == facts.Octets)
            return FileError.None;
        FileError whole = Read(out UidListContent? content);
        state = content?.State;
        return whole;
    }

    /// <summary>Reads the whole file; <paramref name="content"/> is null where it cannot be read.</summary>
    public FileError Read(out UidListContent? content)
    {
        content = null;
        FileError opened = files.OpenRead(Path, out SafeFileHandle? file, out FileFacts facts);
        if (opened != FileError.None)
            return opened;
        using (file)
        {
            if (facts.Octets > MaxOctets)
                return FileError.Failed;
            byte[] text = new byte[(int)facts.Octets];
            FileError read = Fill(file!, text, 0);
            if (read == FileError.None)
                content = UidListContent.Parse(text);
            return read;
        }
    }

    /// <summary>Adds lines to the file as it is known to be.</summary>
    /// <param name="text">The lines.</param>
    /// <param name="known">What the file was when it was last looked at; takes what it is then.</param>
    /// <param name="durable">Whether they must be on the disk on return.</param>
    /// <returns><see cref="FileError.NotFound"/> where the file is another than the known one.</returns>
    public FileError Append(ReadOnlySpan<byte> text, ref FileFacts known, bool durable)
    {
        FileError opened = files.OpenWrite(Path, out SafeFileHandle? file, out FileFacts facts);
        if (opened != FileError.None)
            return opened;
        using (file)
        {
            if (!facts.Identity.IsSameAs(known.Identity) || facts.Octets != known.Octets)
                return FileError.NotFound;
            FileError written = files.Write(file!, text, facts.Octets);
            if (written == FileError.None && durable)
                written = files.Sync(file!);
            if (written == FileError.None)
                known = facts with { Octets = facts.Octets + text.Length };
            return written;
        }
    }

    /// <summary>Makes the file anew, in one step and durably.</summary>
    /// <param name="write">Writes all lines; takes where to write them and which file the new one is.</param>
    /// <param name="facts">What the file system says of the new file.</param>
    public FileError Rewrite(Action<IBufferWriter<byte>, FileIdentity> write, out FileFacts facts)
    {
        facts = default;
        FilePath next = temporary();
        FileError error = files.Create(next, out SafeFileHandle? file);
        if (error != FileError.None)
            return error;
        using (file)
        {
            error = files.Stat(next, out facts);
            BlockWriter blocks = new(files, file!);
            if (error == FileError.None)
            {
                blocks.Write(UidListContent.Header);
                write(blocks, facts.Identity);
                error = blocks.Complete(out long octets);
                facts = facts with { Octets = octets };
            }

            if (error == FileError.None)
                error = files.Sync(file!);
        }

        if (error == FileError.None)
            error = files.Replace(next, Path);
        if (error != FileError.None)
        {
            files.Unlink(next);
            return error;
        }

        return files.SyncDirectory(directory);
    }

    /// <summary>Takes a file that cannot be understood out of the way, and keeps it.</summary>
    public FileError SetAside(long seconds, out FilePath aside)
    {
        aside = directory.Child($"{Name}.broken-{seconds}");
        return files.Replace(Path, aside);
    }

    private static UidListState? LastState(ReadOnlySpan<byte> tail)
    {
        bool isLast = true;
        while (!tail.IsEmpty)
        {
            bool isWhole = tail[^1] == '\n';
            ReadOnlySpan<byte> rest = isWhole ? tail[..^1] : tail;
            int before = rest.LastIndexOf((byte)'\n');
            if (isWhole && SideLine.TryRead(rest[(before + 1)..], out ReadOnlySpan<byte> text) && UidListState.Parse(text) is { } state)
                return isLast ? state : state with { IsClosed = false };
            isLast = false;
            tail = rest[..(before + 1)];
        }

        return null;
    }

    private FileError Fill(SafeFileHandle file, Span<byte> buffer, long offset)
    {
        while (!buffer.IsEmpty)
        {
            FileError read = files.Read(file, buffer, offset, out int count);
            if (read != FileError.None)
                return read;
            if (count == 0)
            {
                buffer.Clear(); // It grew shorter: what is missing is no line.
                return FileError.None;
            }

            buffer = buffer[count..];
            offset += count;
        }

        return FileError.None;
    }

    /// <summary>Writes a file block by block.</summary>
    private sealed class BlockWriter(IMaildirFiles files, SafeFileHandle file) : IBufferWriter<byte>
    {
        private byte[] _block = new byte[BlockOctets];
        private int _filled;
        private long _written;
        private FileError _error;

        public void Advance(int count) => _filled += count;

        public Memory<byte> GetMemory(int sizeHint = 0)
        {
            MakeRoom(sizeHint);
            return _block.AsMemory(_filled);
        }

        public Span<byte> GetSpan(int sizeHint = 0)
        {
            MakeRoom(sizeHint);
            return _block.AsSpan(_filled);
        }

        public FileError Complete(out long octets)
        {
            Flush();
            octets = _written;
            return _error;
        }

        private void MakeRoom(int sizeHint)
        {
            if (_block.Length - _filled >= Math.Max(sizeHint, 1))
                return;
            Flush();
            if (_block.Length < sizeHint)
                _block = new byte[sizeHint];
        }

        private void Flush()
        {
            if (_error == FileError.None && _filled > 0)
                _error = files.Write(file, _block.AsSpan(0, _filled), _written);
            _written += _filled;
            _filled = 0;
        }
    }
}
