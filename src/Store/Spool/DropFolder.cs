using System.Security.Cryptography;
using FullStack.Store.Posix;
using Microsoft.Win32.SafeHandles;

namespace FullStack.Store.Spool;

/// <summary>A folder in which programs of this host leave messages for the server, whether it runs or not.</summary>
/// <remarks>
/// It is meant to be of mode 3733: anyone may make a file, only the owner of the folder sees which there are, nobody removes another's, and files get the group of the
/// folder, so that the server may read them and no other user. Whose a file is is the system's word for who sent it. States of a file: NAME~, of any length, on its way in; NAME,
/// whole and durable. What is not a plain file with one name is nobody's message.
/// </remarks>
/// <param name="path">The folder.</param>
/// <param name="sync">Whether what is dropped survives a power cut.</param>
public sealed class DropFolder(string path, SyncMode sync)
{
    /// <summary>Ends the names of files that are not whole yet.</summary>
    internal const string Unfinished = "~";

    private const int NameCharacters = 32;
    private const string NoteName = ".site";
    private const int MaxNoteOctets = 4096;
    private static readonly TimeSpan s_abandoned = TimeSpan.FromDays(1);

    public string FullPath => path;

    /// <summary>What removes files.</summary>
    internal IMaildirFiles Files { get; init; } = new PosixFiles(sync);

    /// <summary>Begins a message.</summary>
    /// <exception cref="IOException">The folder is not there, or there is no room.</exception>
    /// <exception cref="UnauthorizedAccessException">The user may not drop messages there.</exception>
    public DropWriter Create() => new(Path.Combine(path, Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(NameCharacters / 2))), path, sync);

    /// <summary>The names of messages that are whole, the oldest first.</summary>
    /// <exception cref="IOException">The folder cannot be read.</exception>
    /// <exception cref="UnauthorizedAccessException">The folder is not this user's to read.</exception>
    public IReadOnlyList<string> List() => [.. new DirectoryInfo(path).EnumerateFileSystemInfos().Where(static one => IsName(one.Name)).OrderBy(static one => one.LastWriteTimeUtc).Select(static one => one.Name)];

    /// <summary>Opens a message.</summary>
    /// <returns>Null where it is gone, or is nothing that a program of ours put there.</returns>
    public DroppedMessage? Open(string name)
    {
        FilePath file = FilePath.Of(Path.Combine(path, name));
        Span<byte> named = stackalloc byte[StatX.Octets];
        Span<byte> opened = stackalloc byte[StatX.Octets];

        // Looked at before it is opened, so that no link and no pipe is followed; and again behind, should it have been exchanged meanwhile.
        if (Libc.StatX(Libc.AtWorkingDirectory, file.Octets, Libc.AtNoFollow, StatX.Wanted, named) != 0 || !StatX.FactsOf(named).IsFile)
            return null;
        int number = Libc.Open(file.Octets, Libc.OpenRead | Libc.OpenNonBlocking | Libc.OpenCloseOnExec, 0);
        if (number < 0)
            return null;
        SafeFileHandle handle = new(number, ownsHandle: true);
        bool isSame = Libc.StatX(number, "\0"u8, Libc.AtEmptyPath, StatX.Wanted, opened) == 0 && StatX.FactsOf(opened) is { IsFile: true } facts
            && facts.Identity == StatX.FactsOf(named).Identity && StatX.LinksOf(opened) == 1;
        if (isSame)
            return new(new FileStream(handle, FileAccess.Read, bufferSize: 0), StatX.OwnerOf(opened).User);
        handle.Dispose();
        return null;
    }

    /// <summary>Takes a message away; one that is gone is taken away. After a power cut it may be there again until <see cref="Sync"/> has returned.</summary>
    /// <exception cref="IOException">It cannot be removed.</exception>
    public void Remove(string name)
    {
        if (Files.Unlink(FilePath.Of(Path.Combine(path, name))) is not (FileError.None or FileError.NotFound) and var error)
            throw new IOException($"{Path.Combine(path, name)} cannot be removed: {error}");
    }

    /// <summary>Returns when what was removed stays so.</summary>
    /// <exception cref="IOException">The disk is failing.</exception>
    public void Sync()
    {
        if (Files.SyncDirectory(FilePath.Of(path)) is not FileError.None and var error)
            throw new IOException($"{path} cannot be synced: {error}");
    }

    /// <summary>Removes what programs that ended early left.</summary>
    /// <exception cref="IOException">The folder cannot be read, or something not be removed.</exception>
    public void Sweep(DateTimeOffset now)
    {
        foreach (FileInfo file in new DirectoryInfo(path).EnumerateFiles("*" + Unfinished))
        {
            if (file.LastWriteTimeUtc < now.UtcDateTime - s_abandoned)
                file.Delete();
        }
    }

    /// <summary>Leaves a note that every program may read: how this host writes its mail.</summary>
    /// <exception cref="IOException">It cannot be written.</exception>
    public void WriteNote(string text)
    {
        string beside = Path.Combine(path, NoteName + Unfinished);
        File.Delete(beside);
        File.WriteAllText(beside, text);
        File.SetUnixFileMode(beside, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.GroupRead | UnixFileMode.OtherRead);
        File.Move(beside, Path.Combine(path, NoteName), overwrite: true);
    }

    /// <summary>The note; null where there is none, or another than the owner of the folder wrote it.</summary>
    public string? ReadNote()
    {
        Span<byte> folder = stackalloc byte[StatX.Octets];
        if (Libc.StatX(Libc.AtWorkingDirectory, FilePath.Of(path).Octets, 0, StatX.Wanted, folder) != 0 || Open(NoteName) is not { } note)
            return null;
        using (note)
        {
            if (note.Owner != StatX.OwnerOf(folder).User && note.Owner != 0)
                return null;
            byte[] octets = new byte[MaxNoteOctets];
            int length = note.Content.ReadAtLeast(octets, octets.Length, throwOnEndOfStream: false);
            return System.Text.Encoding.UTF8.GetString(octets, 0, length);
        }
    }

    private static bool IsName(string name) => name.Length == NameCharacters && name.All(char.IsAsciiHexDigitLower);
}
