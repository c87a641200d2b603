using FullStack.Store.Posix;

namespace FullStack.Server.Hosting;

/// <summary>Folders and files that only the server's own user may read.</summary>
internal static class PrivateFolder
{
    private const UnixFileMode OwnerOnly = UnixFileMode.UserRead | UnixFileMode.UserWrite;

    public static void Make(string folder) => Directory.CreateDirectory(folder, OwnerOnly | UnixFileMode.UserExecute);

    /// <summary>Writes a file of mode 0600 so that no reader ever sees it half written or with a wider mode. On return it is on the disk.</summary>
    public static void WriteFile(string file, string text)
    {
        string temporary = $"{file}.{Environment.ProcessId}.tmp";
        File.Delete(temporary);
        using (FileStream stream = new(temporary, new FileStreamOptions { Mode = FileMode.CreateNew, Access = FileAccess.Write, UnixCreateMode = OwnerOnly }))
        {
            stream.Write(System.Text.Encoding.UTF8.GetBytes(text));
            stream.Flush(flushToDisk: true);
        }

        File.Move(temporary, file, overwrite: true);
        FolderSync.Sync(Path.GetDirectoryName(Path.GetFullPath(file))!);
    }
}
