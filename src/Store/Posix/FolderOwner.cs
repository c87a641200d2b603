namespace FullStack.Store.Posix;

/// <summary>Whose a file is that a command makes in a folder of the server's.</summary>
public static class FolderOwner
{
    /// <summary>Gives a file to the owner of its folder where root runs the command: what root makes for itself there would keep the server out.</summary>
    /// <param name="file">A file that is there; a folder that only its owner and root may write to.</param>
    public static void Give(string file)
    {
        if (Environment.IsPrivilegedProcess && OwnedFiles.Look(FilePath.Of(Path.GetDirectoryName(Path.GetFullPath(file))!), out OwnedFile owner) == FileError.None)
            _ = OwnedFiles.SetOwner(FilePath.Of(file), owner);
    }
}
