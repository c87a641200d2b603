using System.Buffers;
using FullStack.Store.Posix;
using Microsoft.Win32.SafeHandles;

namespace FullStack.Store.Mbox;

/// <summary>Reads an mbox into a map. Blocks; the file is locked meanwhile.</summary>
internal static class MboxScan
{
    private const int BlockOctets = 256 * 1024;

    /// <summary>Reads the whole file.</summary>
    /// <returns>The map; null with an error, which is <see cref="FileError.NotSupported"/> where the file is no mbox.</returns>
    public static MboxMap? Whole(IMaildirFiles files, SafeFileHandle file, FileFacts facts, out FileError error)
    {
        MboxMap map = new() { Facts = facts };
        error = Read(files, file, facts, 0, message => map.Add(message));
        return error == FileError.None ? map : null;
    }

    /// <summary>Reads from the last message that is known on; false where that is not the message that was there, or nothing was known.</summary>
    public static bool TryTail(IMaildirFiles files, SafeFileHandle file, FileFacts facts, MboxMap map, out FileError error)
    {
        error = FileError.None;
        if (map.Spans.Count == 0 || map.Facts.Inode != facts.Inode || facts.Octets <= map.Facts.Octets)
            return false;
        MboxSpan last = map.Spans[^1];
        if (MboxHead.Read(files, file, last) is null)
            return false;
        List<MboxMessage> found = [];
        error = Read(files, file, facts, last.Offset, found.Add);
        if (error != FileError.None)
            return error != FileError.NotSupported;

        // A last message without line end may have got one from who appended; else it is as it was.
        if (found.Count == 0 || found[0].BodyOffset != last.BodyOffset || found[0].TextOctets != last.TextOctets || found[0].IsInternal != last.IsInternal)
            return false;
        map.RemoveLast();
        map.Facts = facts;
        foreach (MboxMessage message in found)
            map.Add(message);
        return true;
    }

    /// <summary>The numbers that stand in the first message; null where none do.</summary>
    public static MboxBase? First(IMaildirFiles files, SafeFileHandle file, FileFacts facts)
    {
        byte[] block = ArrayPool<byte>.Shared.Rent(BlockOctets);
        try
        {
            if (files.Read(file, block.AsSpan(0, BlockOctets), 0, out int count) != FileError.None)
                return null;
            MboxMap map = new() { Facts = facts };
            using MboxScanner scanner = new(0, static _ => false, message => map.Add(message));
            scanner.Push(block.AsSpan(0, count));
            scanner.Complete();
            return map.Numbers;
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(block);
        }
    }

    private static FileError Read(IMaildirFiles files, SafeFileHandle file, FileFacts facts, long from, Action<MboxMessage> found)
    {
        MboxBoundary boundary = new(files, file, facts.Octets);
        using MboxScanner scanner = new(from, boundary.IsAt, found);
        byte[] block = ArrayPool<byte>.Shared.Rent(BlockOctets);
        try
        {
            while (scanner.Position < facts.Octets && !scanner.IsDamaged)
            {
                int wanted = (int)Math.Min(BlockOctets, facts.Octets - scanner.Position);
                FileError read = files.Read(file, block.AsSpan(0, wanted), scanner.Position, out int count);
                if (read != FileError.None || count == 0)
                    return read == FileError.None ? FileError.Failed : read;
                scanner.Push(block.AsSpan(0, count));
            }

            scanner.Complete();
            return scanner.IsDamaged ? FileError.NotSupported : FileError.None;
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(block);
        }
    }
}
