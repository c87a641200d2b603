using System.Buffers.Binary;
using Microsoft.Win32.SafeHandles;

namespace FullStack.Store.Posix;

/// <summary>Paths held fast without following a symbolic link anywhere in them (openat2(2) with RESOLVE_NO_SYMLINKS), so that who may write to a directory cannot lead this process out of it.</summary>
internal static class SafePath
{
    /// <summary>openat2 has this number on every architecture.</summary>
    private const int OpenAt2 = 437;

    private const ulong OpenPathOnly = 0x200000 | Libc.OpenCloseOnExec;
    private const ulong NoMagicLinks = 2, NoSymbolicLinks = 4;

    /// <summary>Whether the kernel has the call (Linux 5.6), and nothing keeps this process from it.</summary>
    public static bool IsSupported
    {
        get
        {
            FileError error = Hold(FilePath.Of("/"), out SafeFileHandle? root);
            root?.Dispose();
            return error == FileError.None;
        }
    }

    /// <summary>Holds what lies at an absolute path.</summary>
    public static FileError Hold(FilePath path, out SafeFileHandle? held)
    {
        Span<byte> how = stackalloc byte[24]; // struct open_how: flags, mode, resolve
        BinaryPrimitives.WriteUInt64LittleEndian(how, OpenPathOnly);
        BinaryPrimitives.WriteUInt64LittleEndian(how[8..], 0);
        BinaryPrimitives.WriteUInt64LittleEndian(how[16..], NoMagicLinks | NoSymbolicLinks);
        nint number = Libc.SystemCall(OpenAt2, Libc.AtWorkingDirectory, path.Octets, how, how.Length);
        held = number < 0 ? null : new SafeFileHandle(number, ownsHandle: true);
        return number < 0 ? Libc.LastError() : FileError.None;
    }

    /// <summary>A path to what is held, good as long as it is held.</summary>
    public static FilePath Of(SafeFileHandle held) => FilePath.Of($"/proc/self/fd/{held.DangerousGetHandle()}");

    /// <summary>The path of a directory without symbolic links, which are followed this once; null where there is no such directory.</summary>
    public static string? Canonical(string directory)
    {
        int number = Libc.Open(FilePath.Of(directory).Octets, (int)OpenPathOnly, 0);
        if (number < 0)
            return null;
        using SafeFileHandle held = new(number, ownsHandle: true);
        string path = Of(held).ToString();
        return Directory.Exists(path) ? new FileInfo(path).LinkTarget : null;
    }
}
