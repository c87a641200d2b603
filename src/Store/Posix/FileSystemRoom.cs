using System.Runtime.InteropServices;

namespace FullStack.Store.Posix;

/// <summary>The room of a file system.</summary>
/// <param name="Octets">All that it has.</param>
/// <param name="FreeOctets">What is left for users who are not root.</param>
/// <param name="Files">The files that it can have; 0: as many as there is room for.</param>
/// <param name="FreeFiles">Those that can still be made.</param>
public sealed record FileSystemRoom(long Octets, long FreeOctets, long Files, long FreeFiles)
{
    /// <exception cref="IOException">It does not say.</exception>
    public static FileSystemRoom Of(string folder)
    {
        Span<ulong> fields = stackalloc ulong[16]; // struct statvfs with 64-bit counts
        if (Libc.StatVfs(FilePath.Of(folder).Octets, MemoryMarshal.AsBytes(fields)) != 0)
            throw new IOException($"{folder}: {Libc.LastError()}");
        long unit = (long)fields[1];
        return new((long)fields[2] * unit, (long)fields[4] * unit, (long)fields[5], (long)fields[7]);
    }
}
