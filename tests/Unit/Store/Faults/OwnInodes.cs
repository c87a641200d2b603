using System.Buffers;
using FullStack.Store;
using FullStack.Store.Posix;
using FullStack.Store.SideFiles;

namespace FullStack.Unit.Store.Faults;

/// <summary>
/// Makes a copied list of UIDs look as if it had its inode from the beginning: a disk after a power cut is the same disk, and
/// its lists are not to be taken for what came from a backup, which would hide bounds that are too low.
/// </summary>
internal static class OwnInodes
{
    public static void Mend(string path) => Claim(path, static self => self);

    /// <summary>Makes a list say that it was written into another file than it is in.</summary>
    /// <param name="claimed">Takes which file it is, gives which one it is to say.</param>
    public static void Claim(string path, Func<FileIdentity, FileIdentity> claimed)
    {
        Assert.Equal(FileError.None, new PosixFiles(SyncMode.None).Stat(FilePath.Of(path), out FileFacts facts));
        byte[] text = File.ReadAllBytes(path);
        ArrayBufferWriter<byte> mended = new(text.Length + 64);
        for (int at = 0; at < text.Length;)
        {
            int end = text.AsSpan(at).IndexOf((byte)'\n') is var found and >= 0 ? at + found + 1 : text.Length;
            ReadOnlySpan<byte> line = text.AsSpan(at, end - at);
            if (line[^1] == '\n' && SideLine.TryRead(line[..^1], out ReadOnlySpan<byte> entry) && UidListState.Parse(entry) is { } state)
                (state with { Self = claimed(facts.Identity) }).Write(mended);
            else
                mended.Write(line);
            at = end;
        }

        // In place, so that the inode stays.
        using FileStream file = new(path, FileMode.Open, FileAccess.Write);
        file.SetLength(0);
        file.Write(mended.WrittenSpan);
    }
}
