using System.Buffers.Binary;

namespace FullStack.Store.Posix;

/// <summary>Reads what statx(2) fills in. It has one layout on every architecture, which struct stat has not.</summary>
internal static class StatX
{
    public const int Octets = 256;

    /// <summary>What is asked for: the basic facts, and when the file was made.</summary>
    public const uint Wanted = 0x7ff | Birth;

    private const uint Birth = 0x800;
    private const int TypeMask = 0xF000;
    private const int TypeDirectory = 0x4000;
    private const int TypeRegular = 0x8000;

    /// <summary>What was found. A symbolic link that was not followed is neither file nor directory.</summary>
    public static FileFacts FactsOf(ReadOnlySpan<byte> found)
    {
        int type = BinaryPrimitives.ReadUInt16LittleEndian(found[28..]) & TypeMask;
        bool hasBirth = (BinaryPrimitives.ReadUInt32LittleEndian(found) & Birth) != 0;
        return new(
            BinaryPrimitives.ReadInt64LittleEndian(found[40..]),
            BinaryPrimitives.ReadInt64LittleEndian(found[112..]),
            BinaryPrimitives.ReadUInt32LittleEndian(found[120..]),
            type == TypeDirectory,
            type == TypeRegular,
            new(BinaryPrimitives.ReadUInt64LittleEndian(found[32..]), hasBirth ? BirthOf(found) : 0))
        {
            Changed = (BinaryPrimitives.ReadInt64LittleEndian(found[96..]), BinaryPrimitives.ReadUInt32LittleEndian(found[104..])),
        };
    }

    /// <summary>The numbers of the file's owner and group.</summary>
    public static (uint User, uint Group) OwnerOf(ReadOnlySpan<byte> found)
        => (BinaryPrimitives.ReadUInt32LittleEndian(found[20..]), BinaryPrimitives.ReadUInt32LittleEndian(found[24..]));

    /// <summary>How many names the file has.</summary>
    public static uint LinksOf(ReadOnlySpan<byte> found) => BinaryPrimitives.ReadUInt32LittleEndian(found[16..]);

    /// <summary>Who may do what with the file, without its type.</summary>
    public static int ModeOf(ReadOnlySpan<byte> found) => BinaryPrimitives.ReadUInt16LittleEndian(found[28..]) & ~TypeMask;

    private static ulong BirthOf(ReadOnlySpan<byte> found)
        => BinaryPrimitives.ReadUInt64LittleEndian(found[80..]) * 1_000_000_000 + BinaryPrimitives.ReadUInt32LittleEndian(found[88..]);
}
