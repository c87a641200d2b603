using System.Runtime.InteropServices;

namespace FullStack.Auth.Backends.Unix;

/// <summary>What the C library says of users.</summary>
internal static partial class NssCalls
{
    [LibraryImport("libc", EntryPoint = "getpwnam_r", StringMarshalling = StringMarshalling.Utf8)]
    public static partial int GetPasswdByName(string name, out PasswdEntry entry, byte[] texts, nint octets, out nint found);

    [LibraryImport("libc", EntryPoint = "getpwuid_r")]
    public static partial int GetPasswdByNumber(uint number, out PasswdEntry entry, byte[] texts, nint octets, out nint found);

    [LibraryImport("libc", EntryPoint = "geteuid")]
    public static partial uint EffectiveUser();
}
