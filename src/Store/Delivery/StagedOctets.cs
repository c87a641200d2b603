using System.Buffers;
using FullStack.Store.Maildir;
using FullStack.Store.Posix;
using Microsoft.Win32.SafeHandles;

namespace FullStack.Store.Delivery;

/// <summary>Takes the next octets of a message.</summary>
internal delegate void OctetTaker(ReadOnlySpan<byte> octets);

/// <summary>Octets of a message on its way in: in pooled memory up to a limit, or until all messages together have too much of it, then in a file.</summary>
internal sealed class StagedOctets(StoreContext store, int inMemoryOctets)
{
    private const int FirstSegment = 8 * 1024;
    private const int Segment = 64 * 1024;

    private readonly List<byte[]> _segments = [];
    private readonly List<int> _filled = [];
    private long _inFile;
    private long _reserved;
    private SafeFileHandle? _file;
    private SafeFileHandle? _source;

    /// <summary>The file; null while memory suffices.</summary>
    public FilePath? Path { get; private set; }

    /// <summary>Room for the next octets, at least 1 KiB.</summary>
    /// <exception cref="IOException">The file cannot be written.</exception>
    public async ValueTask<Memory<byte>> RoomAsync()
    {
        const int least = 1024;
        if (_segments.Count > 0 && _segments[^1].Length - _filled[^1] >= least)
            return _segments[^1].AsMemory(_filled[^1]);
        long inMemory = _filled.Sum(static f => (long)f);
        if (Path is not null || (inMemory > 0 && (inMemory + Segment > inMemoryOctets || !TryReserve())))
            await SpillAsync();
        if (_segments.Count == 0 || Path is null)
        {
            _segments.Add(ArrayPool<byte>.Shared.Rent(_segments.Count == 0 && Path is null ? FirstSegment : Segment));
            _filled.Add(0);
        }

        return _segments[^1].AsMemory(_filled[^1]);
    }

    /// <summary>Takes over octets put into the room.</summary>
    public void Advance(int octets) => _filled[^1] += octets;

    /// <summary>Brings what is in memory into the file, where there is one.</summary>
    public async ValueTask CompleteAsync()
    {
        if (Path is not null)
            await SpillAsync();
    }

    /// <summary>Makes the staged file durable. Blocks.</summary>
    public FileError SyncFile() => store.Files.Sync(_file!);

    public FileError SetFileModified(DateTimeOffset time) => store.Files.SetModified(_file!, time);

    /// <summary>Writes all octets into another file. Blocks.</summary>
    public FileError CopyTo(SafeFileHandle target)
    {
        if (Path is not { } path)
            return WriteSegments(target, 0);
        FileError opened = store.Files.OpenRead(path, out SafeFileHandle? source, out _);
        if (opened != FileError.None)
            return opened;
        using (source)
            return FileCopy.Copy(store.Files, source!, target);
    }

    /// <summary>Gives all octets to whoever takes them. Blocks.</summary>
    public FileError Give(OctetTaker take)
    {
        if (Path is not { } path)
        {
            for (int i = 0; i < _segments.Count; i++)
                take(_segments[i].AsSpan(0, _filled[i]));
            return FileError.None;
        }

        FileError error = store.Files.OpenRead(path, out SafeFileHandle? source, out _);
        if (error != FileError.None)
            return error;
        byte[] block = ArrayPool<byte>.Shared.Rent(Segment);
        using (source)
        {
            long offset = 0;
            int count;
            while ((error = store.Files.Read(source!, block, offset, out count)) == FileError.None && count > 0)
            {
                take(block.AsSpan(0, count));
                offset += count;
            }
        }

        ArrayPool<byte>.Shared.Return(block);
        return error;
    }

    /// <summary>Reads octets from an offset on; 0 at the end. Only after <see cref="CompleteAsync"/>. Blocks where there is a file.</summary>
    public FileError Read(Span<byte> buffer, long offset, out int count)
    {
        count = 0;
        if (Path is { } path)
        {
            FileError error = _source is null ? store.Files.OpenRead(path, out _source, out _) : FileError.None;
            return error == FileError.None ? store.Files.Read(_source!, buffer, offset, out count) : error;
        }

        int segment = 0;
        while (segment < _segments.Count && offset >= _filled[segment])
            offset -= _filled[segment++];
        if (segment == _segments.Count)
            return FileError.None;
        count = (int)Math.Min(buffer.Length, _filled[segment] - offset);
        _segments[segment].AsSpan((int)offset, count).CopyTo(buffer);
        return FileError.None;
    }

    /// <summary>Reads the first octets. Blocks.</summary>
    public FileError ReadStart(Span<byte> buffer, out int count)
    {
        count = 0;
        if (Path is not { } path)
        {
            count = _segments.Count == 0 ? 0 : Math.Min(buffer.Length, _filled[0]);
            _segments.FirstOrDefault().AsSpan(0, count).CopyTo(buffer);
            return FileError.None;
        }

        FileError error = store.Files.OpenRead(path, out SafeFileHandle? source, out _);
        if (error != FileError.None)
            return error;
        using (source)
            return store.Files.Read(source!, buffer, 0, out count);
    }

    public async ValueTask DisposeAsync()
    {
        ReleaseSegments(_segments.Count);
        _source?.Dispose();
        _file?.Dispose();
        if (Path is { } path)
            await store.Disk.RunAsync(() => store.Files.Unlink(path));
        Path = null;
    }

    private bool TryReserve()
    {
        if (!store.StagingMemory.TryTake(Segment))
            return false;
        _reserved += Segment;
        return true;
    }

    private async ValueTask SpillAsync()
    {
        FileError error = await store.Disk.RunAsync(() =>
        {
            if (Path is null)
            {
                FilePath path = store.Staging.Child(store.Names.NextTemporary());
                FileError created = store.Files.Create(path, out _file);
                if (created != FileError.None)
                    return created;
                Path = path;
            }

            return WriteSegments(_file!, _inFile);
        });
        if (error != FileError.None)
        {
            string text = $"cannot stage a message in {store.Staging}: {error}";
            throw error == FileError.NoSpace ? new IOException(text, Errno.NoSpace) : new IOException(text); // SMTP tells a full disk by the number
        }

        _inFile += _filled.Sum(static f => (long)f);

        // The last segment stays as the buffer in front of the file, where it is large enough for one.
        ReleaseSegments(_segments is [.., { Length: >= Segment }] ? _segments.Count - 1 : _segments.Count);
        _filled.AddRange(_segments.Select(static _ => 0));
    }

    private void ReleaseSegments(int count)
    {
        foreach (byte[] segment in _segments.Take(count))
            ArrayPool<byte>.Shared.Return(segment);
        _segments.RemoveRange(0, count);
        _filled.Clear();
        store.StagingMemory.Release(_reserved);
        _reserved = 0;
    }

    private FileError WriteSegments(SafeFileHandle target, long offset)
    {
        for (int i = 0; i < _segments.Count; i++)
        {
            FileError written = store.Files.Write(target, _segments[i].AsSpan(0, _filled[i]), offset);
            if (written != FileError.None)
                return written;
            offset += _filled[i];
        }

        return FileError.None;
    }
}
