using System.Buffers;
using System.Text;
using FullStack.Store.Delivery;
using FullStack.Store.Mailboxes;
using FullStack.Store.Posix;
using Microsoft.Win32.SafeHandles;

namespace FullStack.Store.Mbox;

/// <summary>Messages of an mbox on their way into another one: read one after the other into a file without name. All of it blocks.</summary>
internal sealed class MboxCopies(StoreContext store, MboxMailbox source) : IDisposable
{
    private const int BlockOctets = 64 * 1024;

    private readonly List<MboxDraft> _drafts = [];
    private SafeFileHandle? _copies;

    public IReadOnlyList<MboxDraft> Drafts => _drafts;

    /// <summary>Reads the messages.</summary>
    public FileError Read(IReadOnlyList<MessageEntry> entries)
    {
        FilePath path = store.Staging.Child($"copies-{store.Names.NextTemporary()}");
        FileError error = store.Files.Create(path, out SafeFileHandle? file);
        if (error != FileError.None)
            return error;
        using (file)
        {
            using FileWriter writer = new(store.Files, file!, 0);
            foreach (MessageEntry entry in entries)
            {
                error = Read(entry, writer);
                if (error != FileError.None)
                    break;
            }

            if (error == FileError.None)
                error = writer.Flush();
        }

        if (error == FileError.None)
            error = store.Files.OpenRead(path, out _copies, out _);
        store.Files.Unlink(path);
        return error;
    }

    public void Dispose() => _copies?.Dispose();

    private FileError Read(MessageEntry entry, FileWriter writer)
    {
        FileError error = source.Open(entry, out IMessageOctets? octets);
        if (octets is null)
            return error;
        long from = writer.Position;
        byte[] block = ArrayPool<byte>.Shared.Rent(BlockOctets);
        using (octets)
        {
            long offset = 0;
            int count;
            while ((error = octets.Read(block, offset, out count)) == FileError.None && count > 0)
            {
                writer.Write(block.AsSpan(0, count));
                offset += count;
            }
        }

        ArrayPool<byte>.Shared.Return(block);
        long to = writer.Position;
        MboxFlags flags = new(entry.Flags, entry.Keywords, IsOld: true, Uid: 0);
        _drafts.Add(new(
            FromLine.Format(source.SenderOf(entry), entry.InternalDate), flags.Format(Encoding.ASCII.GetBytes(store.Names.NextTemporary())),
            take => Give(from, to, take)));
        return error == FileError.None ? writer.Error : error;
    }

    private FileError Give(long from, long to, OctetTaker take)
    {
        byte[] block = ArrayPool<byte>.Shared.Rent(BlockOctets);
        FileError error = FileError.None;
        while (from < to && error == FileError.None)
        {
            error = store.Files.Read(_copies!, block.AsSpan(0, (int)Math.Min(block.Length, to - from)), from, out int count);
            if (error == FileError.None && count == 0)
                error = FileError.Failed;
            take(block.AsSpan(0, count));
            from += count;
        }

        ArrayPool<byte>.Shared.Return(block);
        return error;
    }
}
