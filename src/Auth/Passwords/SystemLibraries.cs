using System.Reflection;
using System.Runtime.InteropServices;

namespace FullStack.Auth.Passwords;

/// <summary>The system's libraries that passwords are checked with, under whatever name they are there.</summary>
internal static class SystemLibraries
{
    public const string Crypt = "crypt";
    public const string Sodium = "sodium";
    public const string Pam = "pam";

    // Debian has libxcrypt under its old name, Fedora and Alpine under the new one.
    private static readonly nint s_crypt = Load("libcrypt.so.1", "libcrypt.so.2", "libcrypt.so");
    private static readonly nint s_sodium = Load("libsodium.so.23", "libsodium.so.26", "libsodium.so");

    private static readonly nint s_pam = Load("libpam.so.0", "libpam.so");

    static SystemLibraries() => NativeLibrary.SetDllImportResolver(
        typeof(SystemLibraries).Assembly, static (name, _, _) => name switch { Crypt => s_crypt, Sodium => s_sodium, Pam => s_pam, _ => 0 });

    public static bool HasCrypt => s_crypt != 0;

    public static bool HasSodium => s_sodium != 0;

    public static bool HasPam => s_pam != 0;

    private static nint Load(params ReadOnlySpan<string> names)
    {
        foreach (string name in names)
        {
            if (NativeLibrary.TryLoad(name, Assembly.GetExecutingAssembly(), null, out nint library))
                return library;
        }

        return 0;
    }
}
