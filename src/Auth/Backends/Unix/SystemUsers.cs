using System.Runtime.InteropServices;

namespace FullStack.Auth.Backends.Unix;

/// <summary>A user as NSS has him.</summary>
internal sealed record SystemUser(uint UserId, uint GroupId, string Home);

/// <summary>Asks NSS for users: <c>/etc/passwd</c>, and whatever <c>/etc/nsswitch.conf</c> names beside it.</summary>
internal static partial class SystemUsers
{
    private const int MaxOctets = 1 << 20;
    private const int NotFound = 2; // ENOENT, which some modules return for no entry
    private const int NoProcess = 3; // ESRCH, in the same way
    private const int TooSmall = 34; // ERANGE

    /// <summary>Blocks, as long as the module does that is asked.</summary>
    /// <exception cref="DirectoryUnavailableException">A module cannot be asked now.</exception>
    public static SystemUser? Find(string name)
    {
        for (int octets = 4096; octets <= MaxOctets; octets *= 4)
        {
            byte[] texts = GC.AllocateUninitializedArray<byte>(octets, pinned: true); // the entry points into it
            int error = GetPasswdByName(name, out Entry entry, texts, octets, out nint found);
            if (error == TooSmall)
                continue;
            if (error is not (0 or NotFound or NoProcess))
                throw new DirectoryUnavailableException($"the system's users cannot be asked for: error {error}");
            return error == 0 && found != 0
                ? new(entry.UserId, entry.GroupId, Marshal.PtrToStringUTF8(entry.Directory) ?? "")
                : null;
        }

        throw new DirectoryUnavailableException("the system's users cannot be asked for: an entry is too large");
    }

    [LibraryImport("libc", EntryPoint = "getpwnam_r", StringMarshalling = StringMarshalling.Utf8)]
    private static partial int GetPasswdByName(string name, out Entry entry, byte[] texts, nint octets, out nint found);

    /// <summary>struct passwd of Linux.</summary>
    [StructLayout(LayoutKind.Sequential)]
    private struct Entry
    {
        public nint Name;
        public nint Password;
        public uint UserId;
        public uint GroupId;
        public nint RealName;
        public nint Directory;
        public nint Shell;
    }
}
