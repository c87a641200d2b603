using System.Security.Cryptography;
using System.Text;
using FullStack.Store.Delivery;
using FullStack.Store.Mailboxes;
using FullStack.Store.Posix;
using Microsoft.Win32.SafeHandles;

namespace FullStack.Store.Mbox;

/// <summary>
/// What was known of an mbox when it was closed, so that opening it again reads nothing of it where it has not changed. It
/// is not synced: one that is damaged, or older than the mbox, is as good as none.
/// </summary>
internal static class MboxMapFile
{
    private const int Version = 2;
    private const int MaxOctets = 1 << 30;

    /// <summary>Reads the file; null where there is none that is whole. Blocks.</summary>
    public static MboxMap? Read(IMaildirFiles files, FilePath path)
    {
        if (files.OpenRead(path, out SafeFileHandle? file, out FileFacts facts) != FileError.None)
            return null;
        using (file)
        {
            if (facts.Octets is < SHA256.HashSizeInBytes or > MaxOctets)
                return null;
            byte[] octets = new byte[facts.Octets];
            for (int filled = 0; filled < octets.Length;)
            {
                if (files.Read(file!, octets.AsSpan(filled), filled, out int count) != FileError.None || count == 0)
                    return null;
                filled += count;
            }

            ReadOnlySpan<byte> text = octets.AsSpan(0, octets.Length - SHA256.HashSizeInBytes);
            if (!SHA256.HashData(text).AsSpan().SequenceEqual(octets.AsSpan(text.Length)))
                return null;
            using BinaryReader reader = new(new MemoryStream(octets, 0, text.Length));
            return reader.ReadInt32() == Version ? Read(reader) : null;
        }
    }

    /// <summary>Writes the file; where that fails there is none. Blocks.</summary>
    public static void Write(StoreContext store, FilePath path, MboxMap map)
    {
        using MemoryStream octets = new();
        using (BinaryWriter writer = new(octets, Encoding.UTF8, leaveOpen: true))
            Write(writer, map);
        octets.Write(SHA256.HashData(octets.GetBuffer().AsSpan(0, (int)octets.Length)));
        FilePath next = store.Staging.Child($"map-{store.Names.NextTemporary()}");
        FileError error = store.Files.Create(next, out SafeFileHandle? file);
        if (error != FileError.None)
            return;
        using (file)
            error = store.Files.Write(file!, octets.GetBuffer().AsSpan(0, (int)octets.Length), 0);
        if (error == FileError.None)
            error = store.Files.Replace(next, path);
        if (error != FileError.None)
            store.Files.Unlink(next);
    }

    private static void Write(BinaryWriter writer, MboxMap map)
    {
        writer.Write(Version);
        writer.Write(map.Facts.Octets);
        writer.Write(map.Facts.ModifiedSeconds);
        writer.Write(map.Facts.ModifiedNanoseconds);
        writer.Write(map.Facts.Identity.Inode);
        writer.Write(map.Facts.Identity.Born);
        writer.Write(map.Numbers?.UidValidity ?? 0);
        writer.Write(map.Numbers?.LastUid ?? 0);
        writer.Write(map.Spans.Count);
        foreach (MboxSpan span in map.Spans)
        {
            writer.Write((byte)span.Name.Length);
            writer.Write(span.Name);
            foreach (long number in (long[])[span.Offset, span.BodyOffset, span.End, span.TextOctets, span.QuotedLines, span.WireOctets, span.Date.ToUnixTimeSeconds()])
                writer.Write7BitEncodedInt64(number);
            writer.Write((byte)((span.IsCounted ? 1 : 0) | (span.IsOld ? 2 : 0) | (span.IsInternal ? 4 : 0)));
            writer.Write((byte)span.Flags);
            writer.Write(span.Uid);
            writer.Write(string.Join(' ', span.Keywords));
        }
    }

    private static MboxMap Read(BinaryReader reader)
    {
        long octets = reader.ReadInt64(), seconds = reader.ReadInt64();
        uint nanoseconds = reader.ReadUInt32();
        MboxMap map = new() { Facts = new(octets, seconds, nanoseconds, IsDirectory: false, IsFile: true, new(reader.ReadUInt64(), reader.ReadUInt64())) };
        (uint validity, uint last) = (reader.ReadUInt32(), reader.ReadUInt32());
        map.Numbers = validity == 0 ? null : new(validity, last);
        for (int count = reader.ReadInt32(); count > 0; count--)
        {
            byte[] name = reader.ReadBytes(reader.ReadByte());
            long[] numbers = new long[7];
            for (int i = 0; i < numbers.Length; i++)
                numbers[i] = reader.Read7BitEncodedInt64();
            int bits = reader.ReadByte();
            map.Add(new MboxSpan
            {
                Name = name, Offset = numbers[0], BodyOffset = numbers[1], End = numbers[2], TextOctets = numbers[3], QuotedLines = numbers[4],
                WireOctets = numbers[5], Date = DateTimeOffset.FromUnixTimeSeconds(numbers[6]), IsCounted = (bits & 1) != 0, IsOld = (bits & 2) != 0,
                IsInternal = (bits & 4) != 0, Flags = (SystemFlags)reader.ReadByte(), Uid = reader.ReadUInt32(),
                Keywords = map.Share(reader.ReadString().Split(' ', StringSplitOptions.RemoveEmptyEntries)),
            });
        }

        return map;
    }
}
