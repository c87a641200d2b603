using System.Buffers.Binary;
using System.Security.Cryptography;
using FullStack.Store.Posix;
using Microsoft.Win32.SafeHandles;

namespace FullStack.Store.Mbox;

/// <summary>
/// What is written down durably before anything is appended to an mbox, and struck out durably before the appending is
/// acknowledged: where it begins, how long it is, and its first octets. Each mbox has one file for it, which stays.
/// </summary>
/// <param name="Offset">Where in the mbox what is appended begins.</param>
/// <param name="Octets">Its length.</param>
/// <param name="Start">Its first octets.</param>
internal sealed record AppendIntent(long Offset, long Octets, byte[] Start)
{
    /// <summary>Most octets of the beginning that are kept.</summary>
    public const int MaxStart = 256;

    private const int FixedOctets = 8 + 8 + 8 + 4;
    private const int DigestOctets = 8;
    private const ulong Mark = 0x4653_4D42_4F58_0001;

    /// <summary>The intent that is not struck out; null where there is none. Blocks.</summary>
    public static FileError Read(IMaildirFiles files, FilePath path, out AppendIntent? intent)
    {
        intent = null;
        FileError error = files.OpenRead(path, out SafeFileHandle? file, out _);
        if (error != FileError.None)
            return error == FileError.NotFound ? FileError.None : error;
        Span<byte> octets = stackalloc byte[FixedOctets + MaxStart + DigestOctets];
        int count;
        using (file)
            error = files.Read(file!, octets, 0, out count);
        if (error == FileError.None)
            intent = Parse(octets[..count]);
        return error;
    }

    /// <summary>Writes the intent; durable on success.</summary>
    public FileError Write(IMaildirFiles files, FilePath path) => Put(files, path, Format());

    /// <summary>Strikes it out; durable on success.</summary>
    public static FileError Strike(IMaildirFiles files, FilePath path) => Put(files, path, new byte[FixedOctets]);

    /// <summary>Whether what stands at <see cref="Offset"/> can be ours: its octets, or NUL where they never came.</summary>
    public bool IsOurs(ReadOnlySpan<byte> found)
    {
        for (int i = 0; i < Math.Min(found.Length, Start.Length); i++)
        {
            if (found[i] != Start[i] && found[i] != 0)
                return false;
        }

        return true;
    }

    private static FileError Put(IMaildirFiles files, FilePath path, byte[] octets)
    {
        FileError error = files.OpenUpdate(path, out SafeFileHandle? file, out _);
        bool isNew = error == FileError.NotFound;
        if (isNew)
            error = files.Create(path, out file);
        if (error != FileError.None)
            return error;
        using (file)
        {
            error = files.Write(file!, octets, 0);
            if (error == FileError.None)
                error = files.Sync(file!);
        }

        return error == FileError.None && isNew ? files.SyncDirectory(path.Directory) : error;
    }

    private byte[] Format()
    {
        byte[] octets = new byte[FixedOctets + Start.Length + DigestOctets];
        BinaryPrimitives.WriteUInt64LittleEndian(octets, Mark);
        BinaryPrimitives.WriteInt64LittleEndian(octets.AsSpan(8), Offset);
        BinaryPrimitives.WriteInt64LittleEndian(octets.AsSpan(16), Octets);
        BinaryPrimitives.WriteInt32LittleEndian(octets.AsSpan(24), Start.Length);
        Start.CopyTo(octets, FixedOctets);
        SHA256.HashData(octets.AsSpan(0, FixedOctets + Start.Length)).AsSpan(0, DigestOctets).CopyTo(octets.AsSpan(FixedOctets + Start.Length));
        return octets;
    }

    /// <summary>Null where it is struck out, or was torn while it was written: then nothing has been appended.</summary>
    private static AppendIntent? Parse(ReadOnlySpan<byte> octets)
    {
        if (octets.Length < FixedOctets + DigestOctets || BinaryPrimitives.ReadUInt64LittleEndian(octets) != Mark)
            return null;
        int start = BinaryPrimitives.ReadInt32LittleEndian(octets[24..]);
        if (start is < 0 or > MaxStart || octets.Length < FixedOctets + start + DigestOctets)
            return null;
        bool whole = SHA256.HashData(octets[..(FixedOctets + start)]).AsSpan(0, DigestOctets).SequenceEqual(octets.Slice(FixedOctets + start, DigestOctets));
        return whole
            ? new(BinaryPrimitives.ReadInt64LittleEndian(octets[8..]), BinaryPrimitives.ReadInt64LittleEndian(octets[16..]), octets.Slice(FixedOctets, start).ToArray())
            : null;
    }
}
