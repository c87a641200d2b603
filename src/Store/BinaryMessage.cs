using System.Buffers;
using System.Buffers.Text;
using FullStack.Mime;
using FullStack.Store.Delivery;
using FullStack.Store.Posix;

namespace FullStack.Store;

/// <summary>
/// A message on its way in that may hold NUL: kept as it comes, then written into a <see cref="StagedMessage"/>, the parts with NUL as
/// base64, for neither a reader of mail files nor IMAP without BINARY could take them as they are.
/// </summary>
public sealed class BinaryMessage : IAsyncDisposable
{
    /// <summary>Octets that make one line of base64.</summary>
    private const int LineOctets = 57;

    private const int ChunkOctets = LineOctets * 1024;

    /// <summary>Longest header that is rewritten.</summary>
    private const int MaxHeaderOctets = 1 << 20;

    private readonly StoreContext _store;
    private readonly StagedOctets _octets;
    private readonly MessageParser _parser = new();
    private bool _hasNul;

    internal BinaryMessage(StoreContext store, int inMemoryOctets) => (_store, _octets) = (store, new(store, inMemoryOctets));

    /// <summary>Takes the next octets.</summary>
    /// <exception cref="IOException">The disk is full or failing.</exception>
    public async ValueTask WriteAsync(ReadOnlyMemory<byte> octets, CancellationToken ct)
    {
        _hasNul = _hasNul || octets.Span.Contains((byte)0);
        _parser.Push(octets.Span);
        while (!octets.IsEmpty)
        {
            ct.ThrowIfCancellationRequested();
            Memory<byte> room = await _octets.RoomAsync();
            int taken = Math.Min(octets.Length, room.Length);
            octets[..taken].CopyTo(room);
            _octets.Advance(taken);
            octets = octets[taken..];
        }
    }

    /// <summary>Ends the message and writes it into another. Call once.</summary>
    /// <returns>False where NUL stands outside a part that could be written as base64; then <paramref name="target"/> is to be dropped.</returns>
    /// <exception cref="IOException">The disk is full or failing.</exception>
    public async ValueTask<bool> WriteToAsync(StagedMessage target, CancellationToken ct)
    {
        await _octets.CompleteAsync();
        MimeMessage structure = _parser.Complete();
        byte[] chunk = ArrayPool<byte>.Shared.Rent(ChunkOctets);
        try
        {
            if (!_hasNul)
            {
                await CopyAsync(target, 0, structure.StoredOctets, chunk, ct);
                return true;
            }

            if (await FindBinaryPartsAsync(Leaves(structure.Root), structure.StoredOctets, chunk, ct) is not { } parts)
                return false;
            long written = 0;
            foreach (MimePart part in parts)
            {
                await CopyAsync(target, written, part.HeaderOffset, chunk, ct);
                byte[] header = new byte[part.BodyOffset - part.HeaderOffset];
                await ReadAsync(header, part.HeaderOffset, ct);
                await target.WriteAsync(TransferEncodingField.Say(header, TransferEncodingField.Base64), ct);
                await EncodeAsync(target, part, chunk, ct);
                written = part.EndOffset;
            }

            await CopyAsync(target, written, structure.StoredOctets, chunk, ct);
            return true;
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(chunk);
        }
    }

    public ValueTask DisposeAsync() => _octets.DisposeAsync();

    /// <summary>Parts without parts in them, in the order of the message.</summary>
    private static List<MimePart> Leaves(MimePart root)
    {
        List<MimePart> leaves = [];
        Stack<MimePart> open = new([root]);
        while (open.TryPop(out MimePart? part))
        {
            if (part.Children.Count == 0)
                leaves.Add(part);
            for (int i = part.Children.Count - 1; i >= 0; i--)
                open.Push(part.Children[i]);
        }

        return leaves;
    }

    /// <summary>Those parts that have NUL; null where something else has, or one of them cannot be encoded (again).</summary>
    private async ValueTask<List<MimePart>?> FindBinaryPartsAsync(List<MimePart> leaves, long end, byte[] chunk, CancellationToken ct)
    {
        List<MimePart> found = [];
        int next = 0;
        for (long offset = 0; offset < end;)
        {
            int count = (int)Math.Min(ChunkOctets, end - offset);
            await ReadAsync(chunk.AsMemory(0, count), offset, ct);
            for (int at = chunk.AsSpan(0, count).IndexOf((byte)0); at >= 0; at = Next(chunk, at, count))
            {
                while (next < leaves.Count && leaves[next].EndOffset <= offset + at)
                    next++;
                if (next == leaves.Count || leaves[next].BodyOffset > offset + at || !CanEncode(leaves[next]))
                    return null;
                found.Add(leaves[next]);
                at = (int)Math.Min(count, leaves[next].EndOffset - offset) - 1; // the others in it change nothing
                next++;
            }

            // A part that goes on in the next piece is known to be binary already.
            offset = found.Count > 0 && next > 0 ? Math.Max(offset + count, found[^1].EndOffset) : offset + count;
        }

        return found;
    }

    private static int Next(byte[] chunk, int at, int count)
        => at + 1 < count && chunk.AsSpan(at + 1, count - at - 1).IndexOf((byte)0) is var further and >= 0 ? at + 1 + further : -1;

    private static bool CanEncode(MimePart part)
        => part.BodyOffset - part.HeaderOffset is > 0 and <= MaxHeaderOctets && part.TransferEncoding.ToLowerInvariant() is "7bit" or "8bit" or "binary";

    private async ValueTask EncodeAsync(StagedMessage target, MimePart part, byte[] chunk, CancellationToken ct)
    {
        byte[] lines = ArrayPool<byte>.Shared.Rent((ChunkOctets / LineOctets) * 78);
        for (long offset = part.BodyOffset; offset < part.EndOffset;)
        {
            int count = (int)Math.Min(ChunkOctets, part.EndOffset - offset);
            await ReadAsync(chunk.AsMemory(0, count), offset, ct);
            await target.WriteAsync(lines.AsMemory(0, ToLines(chunk.AsSpan(0, count), lines)), ct);
            offset += count;
        }

        ArrayPool<byte>.Shared.Return(lines);
    }

    private static int ToLines(ReadOnlySpan<byte> octets, Span<byte> lines)
    {
        int written = 0;
        for (; !octets.IsEmpty; octets = octets[Math.Min(LineOctets, octets.Length)..])
        {
            Base64.EncodeToUtf8(octets[..Math.Min(LineOctets, octets.Length)], lines[written..], out _, out int length);
            "\r\n"u8.CopyTo(lines[(written + length)..]);
            written += length + 2;
        }

        return written;
    }

    private async ValueTask CopyAsync(StagedMessage target, long from, long to, byte[] chunk, CancellationToken ct)
    {
        while (from < to)
        {
            int count = (int)Math.Min(ChunkOctets, to - from);
            await ReadAsync(chunk.AsMemory(0, count), from, ct);
            await target.WriteAsync(chunk.AsMemory(0, count), ct);
            from += count;
        }
    }

    private async ValueTask ReadAsync(Memory<byte> buffer, long offset, CancellationToken ct)
    {
        while (!buffer.IsEmpty)
        {
            int count = 0;
            FileError error = _octets.Path is null
                ? _octets.Read(buffer.Span, offset, out count)
                : await _store.Disk.RunAsync(() => _octets.Read(buffer.Span, offset, out count), ct);
            if (error != FileError.None || count == 0)
                throw new IOException($"a staged message cannot be read: {error}");
            buffer = buffer[count..];
            offset += count;
        }
    }
}
