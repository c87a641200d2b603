namespace FullStack.Store.Posix;

/// <summary>Brings names in a folder to the disk, for those who write files outside the store.</summary>
public static class FolderSync
{
    /// <exception cref="IOException">It cannot be done.</exception>
    public static void Sync(string folder)
    {
        FileError error = new PosixFiles(SyncMode.Full).SyncDirectory(FilePath.Of(folder));
        if (error != FileError.None)
            throw new IOException($"cannot sync {folder}: {error}");
    }
}
