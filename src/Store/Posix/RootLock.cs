using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;

namespace FullStack.Store.Posix;

/// <summary>The lock that keeps two servers off one mail root. The kernel drops it with the process.</summary>
internal sealed class RootLock : IDisposable
{
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
        if (Libc.FLock(file, Libc.LockExclusive | Libc.LockNonBlocking) == 0)
            return new(file);
        FileError error = Libc.LastError();
        file.Dispose();
        throw error == FileError.Locked
            ? new StoreLockedException($"the mail store {root} is in use by another process")
            : new IOException($"cannot lock {path}: {error}");
    }

    public void Dispose() => _file.Dispose();
}
