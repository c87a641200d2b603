using System.Globalization;
using System.Runtime.InteropServices;
using System.Text;
using Microsoft.Win32.SafeHandles;

namespace FullStack.Store.Posix;

/// <summary>The lock that keeps two servers off one mail root. The kernel drops it with the process.</summary>
internal sealed class RootLock : IDisposable
{
    /// <summary>Of the number of a process, and a line end.</summary>
    private const int MaxDigits = 16;

    private readonly SafeFileHandle _file;

    private RootLock(SafeFileHandle file) => _file = file;

    /// <exception cref="IOException">The file cannot be made.</exception>
    /// <exception cref="StoreLockedException">Another process has the root.</exception>
    public static RootLock Take(string root)
    {
        string path = Path.Combine(root, ".lock");
        int number = Libc.Open(FilePath.Of(path).Octets, Libc.OpenWrite | Libc.OpenCreate | Libc.OpenCloseOnExec, 0x180);
        if (number < 0)
            throw new IOException($"cannot open {path}: error {Marshal.GetLastPInvokeError()}");
        SafeFileHandle file = new(number, ownsHandle: true);
        FolderOwner.Give(path);
        if (Libc.FLock(file, Libc.LockExclusive | Libc.LockNonBlocking) == 0)
        {
            byte[] process = Encoding.ASCII.GetBytes(Environment.ProcessId.ToString(CultureInfo.InvariantCulture) + "\n");
            RandomAccess.SetLength(file, process.Length);
            RandomAccess.Write(file, process, 0);
            return new(file);
        }

        FileError error = Libc.LastError();
        file.Dispose();
        throw error == FileError.Locked
            ? new StoreLockedException($"the mail store {root} is in use by another process")
            : new IOException($"cannot lock {path}: {error}");
    }

    /// <summary>The process that has a root; null where none has it, or it does not say.</summary>
    public static int? HolderOf(string root)
    {
        try
        {
            using RootLock free = Take(root);
            return null;
        }
        catch (StoreLockedException)
        {
            // Not by a FileStream, which would want a lock of its own on the file.
            byte[] octets = new byte[MaxDigits];
            using SafeFileHandle file = new(Libc.Open(FilePath.Of(Path.Combine(root, ".lock")).Octets, Libc.OpenRead | Libc.OpenCloseOnExec, 0), ownsHandle: true);
            string text = file.IsInvalid ? "" : Encoding.ASCII.GetString(octets, 0, RandomAccess.Read(file, octets, 0));
            return int.TryParse(text.AsSpan().Trim(), NumberStyles.None, CultureInfo.InvariantCulture, out int process) ? process : null;
        }
    }

    public void Dispose()
    {
        // The lock is the open file's, which a child that is just being started shares until it executes its program: closing alone could leave it held.
        _ = Libc.FLock(_file, Libc.LockRelease);
        _file.Dispose();
    }
}
