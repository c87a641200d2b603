using System.Buffers.Binary;
using FullStack.Store.Maildir;
using FullStack.Store.Posix;
using Microsoft.Win32.SafeHandles;

namespace FullStack.Store.Spool;

/// <summary>A file that grows, of which it is known after a crash how much of it is on the disk. One user at a time.</summary>
/// <remarks>
/// Layout: how many octets of the content are synced, and the complement of that number; the length of the head; the head; the content. Octets are synced
/// before the number that vouches for them is written, so that after a power cut the number is right or too low; what lies behind it is written over.
/// </remarks>
public sealed class PartialFile : IDisposable
{
    internal const int MarkOctets = 16;
    internal const int PrefixOctets = MarkOctets + sizeof(int);

    /// <summary>Octets that a crash can cost.</summary>
    private const int SyncEvery = 1 << 20;

    private readonly StoreContext _store;
    private readonly SafeFileHandle _file;
    private readonly long _start;
    private long _marked;

    internal PartialFile(StoreContext store, SafeFileHandle file, byte[] head, long octets)
    {
        (_store, _file, Head) = (store, file, head);
        _start = PrefixOctets + head.Length;
        (_marked, Octets) = (octets, octets);
    }

    /// <summary>What was said when it was made.</summary>
    public ReadOnlyMemory<byte> Head { get; }

    /// <summary>Octets of the content.</summary>
    public long Octets { get; private set; }

    /// <summary>Adds octets at the end; from time to time they are synced.</summary>
    /// <exception cref="IOException">The disk is full or failing.</exception>
    public async ValueTask AppendAsync(ReadOnlyMemory<byte> octets, CancellationToken ct)
    {
        Check(await _store.Disk.RunAsync(() => _store.Files.Write(_file, octets.Span, _start + Octets), ct));
        Octets += octets.Length;
        if (Octets - _marked >= SyncEvery)
            await SyncAsync();
    }

    /// <summary>Takes octets off the end, durably: what is written in their place is not vouched for until it is synced.</summary>
    /// <exception cref="IOException">The disk is failing.</exception>
    public ValueTask CutToAsync(long octets)
    {
        Octets = Math.Min(Octets, octets);
        return SyncAsync();
    }

    /// <summary>Makes all of it durable, and says so in the file.</summary>
    /// <exception cref="IOException">The disk is failing.</exception>
    public async ValueTask SyncAsync()
    {
        if (Octets == _marked)
            return;
        Check(await _store.Disk.RunAsync(() =>
        {
            FileError error = _store.Files.Sync(_file);
            if (error == FileError.None)
                error = _store.Files.Write(_file, Mark(Octets), 0);
            if (error == FileError.None)
                error = _store.Files.Sync(_file);
            return error == FileError.None ? _store.Files.SetModified(_file, _store.Time.GetUtcNow()) : error;
        }));
        _marked = Octets;
    }

    /// <summary>Reads octets of the content; 0 at the end.</summary>
    /// <exception cref="IOException">It cannot be read.</exception>
    public async ValueTask<int> ReadAsync(Memory<byte> buffer, long offset, CancellationToken ct)
    {
        int wanted = (int)Math.Min(buffer.Length, Octets - offset);
        int read = 0;
        if (wanted > 0)
            Check(await _store.Disk.RunAsync(() => _store.Files.Read(_file, buffer.Span[..wanted], _start + offset, out read), ct));
        return read;
    }

    public void Dispose() => _file.Dispose();

    internal static byte[] Mark(long octets)
    {
        byte[] mark = new byte[MarkOctets];
        BinaryPrimitives.WriteInt64LittleEndian(mark, octets);
        BinaryPrimitives.WriteInt64LittleEndian(mark.AsSpan(sizeof(long)), ~octets);
        return mark;
    }

    private static void Check(FileError error)
    {
        if (error == FileError.NoSpace)
            throw new IOException("a partial message cannot be kept: the disk is full", Errno.NoSpace);
        if (error != FileError.None)
            throw new IOException($"a partial message cannot be kept: {error}");
    }
}
