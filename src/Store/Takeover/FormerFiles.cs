using FullStack.Store.Posix;
using Microsoft.Win32.SafeHandles;

namespace FullStack.Store.Takeover;

/// <summary>
/// Reads a former server's files whole. The first error is kept and ends the reading: a file that cannot be read now may be
/// readable later, and to go on without it would cost the user what it holds for good. All of it blocks.
/// </summary>
/// <param name="files">The file system.</param>
/// <param name="isLeftOut">Files that are to be taken as not there.</param>
internal sealed class FormerFiles(IMaildirFiles files, Func<FilePath, bool>? isLeftOut = null)
{
    /// <summary>Largest file that is looked at: some two million messages.</summary>
    private const int MaxOctets = 256 << 20;

    public IMaildirFiles Files => files;

    /// <summary>What failed; <see cref="FileError.None"/> where all was read.</summary>
    public FileError Error { get; private set; }

    /// <summary>Where it failed.</summary>
    public FilePath FailedPath { get; private set; }

    /// <summary>The file's octets; null where there is no such file. Of one that is too large, none.</summary>
    public byte[]? Read(FilePath path) => Read(path, out _);

    /// <summary>The file's octets; null where there is no such file. Of one that is too large, none.</summary>
    /// <param name="path">Where it is.</param>
    /// <param name="facts">What the file system says of it.</param>
    public byte[]? Read(FilePath path, out FileFacts facts)
    {
        facts = default;
        if (Error != FileError.None || isLeftOut?.Invoke(path) == true)
            return null;
        FileError opened = files.OpenRead(path, out SafeFileHandle? file, out facts);
        if (opened != FileError.None)
        {
            Note(opened, path);
            return null;
        }

        using (file)
            return facts.Octets > MaxOctets ? [] : Read(file!, (int)facts.Octets, path);
    }

    /// <summary>Remembers an error, unless it says that there is no such file.</summary>
    public void Note(FileError error, FilePath path)
    {
        if (error is not (FileError.None or FileError.NotFound) && Error == FileError.None)
            (Error, FailedPath) = (error, path);
    }

    private byte[]? Read(SafeFileHandle file, int length, FilePath path)
    {
        byte[] octets = new byte[length];
        for (int at = 0; at < length;)
        {
            FileError read = files.Read(file, octets.AsSpan(at), at, out int count);
            if (read != FileError.None)
            {
                Note(read, path);
                return null;
            }

            if (count == 0)
                return octets[..at];
            at += count;
        }

        return octets;
    }
}
