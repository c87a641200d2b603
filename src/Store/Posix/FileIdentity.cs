namespace FullStack.Store.Posix;

/// <summary>Which file it is, on one file system.</summary>
/// <param name="Inode">What its names have in common. The number is used again, often at once, when the file is gone.</param>
/// <param name="Born">When the file was made, in nanoseconds of Unix time, which no program can set; 0: the file system does not tell.</param>
internal readonly record struct FileIdentity(ulong Inode, ulong Born)
{
    /// <summary>Whether two mean one file, as far as both know.</summary>
    public bool IsSameAs(FileIdentity other) => Inode == other.Inode && (Born == other.Born || Born == 0 || other.Born == 0);
}
