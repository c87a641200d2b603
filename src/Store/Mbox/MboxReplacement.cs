using FullStack.Store.Posix;
using Microsoft.Win32.SafeHandles;

namespace FullStack.Store.Mbox;

/// <summary>Makes a new file and puts it in the place of an mbox that is locked: readers see the old one whole, then the new one whole. Blocks.</summary>
/// <remarks>
/// What a crash leaves, M being the mbox and T its successor, a hidden file beside it: M; M and a part of T; M and T; T under
/// the name of M. T is synced before it takes the name. One that was left is removed before the next is made.
/// </remarks>
internal static class MboxReplacement
{
    /// <summary>Replaces the file.</summary>
    /// <param name="files">The file system.</param>
    /// <param name="path">The mbox.</param>
    /// <param name="old">The mbox, open and locked.</param>
    /// <param name="write">Writes the new file.</param>
    /// <param name="facts">What the new file is then.</param>
    /// <returns>An error before the file has the name leaves everything as it was.</returns>
    public static FileError Make(IMaildirFiles files, FilePath path, SafeFileHandle old, Func<FileWriter, FileError> write, out FileFacts facts)
    {
        facts = default;
        FilePath temporary = TemporaryOf(path);
        FileError error = files.Create(temporary, out SafeFileHandle? file);
        if (error == FileError.Exists)
        {
            files.Unlink(temporary);
            error = files.Create(temporary, out file);
        }

        if (error != FileError.None)
            return error;
        using (file)
        {
            error = files.CopyOwner(old, file!);

            // Who finds the new file by its name finds it locked, until all is done.
            if (error == FileError.None)
                error = files.Lock(file!, exclusive: true);
            if (error == FileError.None)
            {
                using FileWriter writer = new(files, file!, 0);
                error = write(writer);
                if (error == FileError.None)
                    error = writer.Flush();
            }

            if (error == FileError.None)
                error = files.Sync(file!);
            if (error == FileError.None)
                error = files.StatOpen(file!, out facts);
            if (error == FileError.None)
                error = files.Replace(temporary, path);
        }

        if (error != FileError.None)
            files.Unlink(temporary);
        return error;
    }

    /// <summary>The name of the successor.</summary>
    public static FilePath TemporaryOf(FilePath path) => path.Directory.Child([.. ".rewrite-"u8, .. MboxSide.ShortName(path)]);
}
