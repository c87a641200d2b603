using System.Buffers;
using FullStack.Store.Posix;
using Microsoft.Win32.SafeHandles;

namespace FullStack.Store.Delivery;

/// <summary>Copies a file's octets where a hard link cannot be had.</summary>
internal static class FileCopy
{
    private const int BlockOctets = 256 * 1024;

    /// <summary>Copies all octets. Blocks.</summary>
    public static FileError Copy(IMaildirFiles files, SafeFileHandle source, SafeFileHandle target)
    {
        byte[] buffer = ArrayPool<byte>.Shared.Rent(BlockOctets);
        try
        {
            for (long offset = 0; ;)
            {
                FileError read = files.Read(source, buffer, offset, out int count);
                if (read != FileError.None || count == 0)
                    return read;
                FileError written = files.Write(target, buffer.AsSpan(0, count), offset);
                if (written != FileError.None)
                    return written;
                offset += count;
            }
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(buffer);
        }
    }

    /// <summary>Makes a durable file of its own: written and synced under a temporary name, which it keeps. Blocks.</summary>
    /// <param name="files">The file system.</param>
    /// <param name="temporary">The name; on failure nothing is left under it.</param>
    /// <param name="modified">Its modification time; null: now.</param>
    /// <param name="write">Writes the octets.</param>
    public static FileError Make(IMaildirFiles files, FilePath temporary, DateTimeOffset? modified, Func<SafeFileHandle, FileError> write)
    {
        FileError error = files.Create(temporary, out SafeFileHandle? file);
        if (error != FileError.None)
            return error;
        using (file)
        {
            error = write(file!);
            if (error == FileError.None && modified is { } time)
                error = files.SetModified(file!, time);
            if (error == FileError.None)
                error = files.Sync(file!);
        }

        if (error != FileError.None)
            files.Unlink(temporary);
        return error;
    }
}
