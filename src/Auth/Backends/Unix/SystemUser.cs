using System.Runtime.InteropServices;

namespace FullStack.Auth.Backends.Unix;

/// <summary>A user of this host as NSS has him: <c>/etc/passwd</c>, and whatever <c>/etc/nsswitch.conf</c> names beside it.</summary>
/// <param name="UserId">The system's number for the user.</param>
/// <param name="GroupId">That of his main group.</param>
/// <param name="Name">The login name.</param>
public sealed record SystemUser(uint UserId, uint GroupId, string Name)
{
    private const int MaxOctets = 1 << 20;
    private const int NotFound = 2; // ENOENT, which some modules return for no entry
    private const int NoProcess = 3; // ESRCH, in the same way
    private const int TooSmall = 34; // ERANGE

    private delegate int Lookup(out PasswdEntry entry, byte[] texts, nint octets, out nint found);

    /// <summary>The home; empty where there is none.</summary>
    public string Home { get; init; } = "";

    /// <summary>The first field of the comment; empty where there is none.</summary>
    public string FullName { get; init; } = "";

    /// <summary>The number of the user whose process this is.</summary>
    public static uint CurrentNumber => NssCalls.EffectiveUser();

    /// <summary>The user whose process this is; one without a name of the system's has that of the environment.</summary>
    public static SystemUser Current => FindKnown(CurrentNumber) ?? new(CurrentNumber, CurrentNumber, Environment.UserName);

    /// <summary>Looks a user up by name. Blocks, as long as the module does that is asked.</summary>
    /// <exception cref="DirectoryUnavailableException">A module cannot be asked now.</exception>
    public static SystemUser? Find(string name)
        => Find((out PasswdEntry entry, byte[] texts, nint octets, out nint found) => NssCalls.GetPasswdByName(name, out entry, texts, octets, out found));

    /// <summary>Looks a user up by number; null also where nobody can be asked: a user has a number all the same. Blocks.</summary>
    public static SystemUser? FindKnown(uint number)
    {
        try
        {
            return Find((out PasswdEntry entry, byte[] texts, nint octets, out nint found) => NssCalls.GetPasswdByNumber(number, out entry, texts, octets, out found));
        }
        catch (DirectoryUnavailableException)
        {
            return null;
        }
    }

    private static SystemUser? Find(Lookup lookup)
    {
        for (int octets = 4096; octets <= MaxOctets; octets *= 4)
        {
            byte[] texts = GC.AllocateUninitializedArray<byte>(octets, pinned: true); // the entry points into it
            int error = lookup(out PasswdEntry entry, texts, octets, out nint found);
            if (error == TooSmall)
                continue;
            if (error is not (0 or NotFound or NoProcess))
                throw new DirectoryUnavailableException($"the system's users cannot be asked for: error {error}");
            return error == 0 && found != 0 ? Read(entry) : null;
        }

        throw new DirectoryUnavailableException("the system's users cannot be asked for: an entry is too large");
    }

    private static SystemUser Read(PasswdEntry entry)
    {
        string name = Marshal.PtrToStringUTF8(entry.Name) ?? "";
        string comment = Marshal.PtrToStringUTF8(entry.RealName) ?? "";
        int end = comment.IndexOf(',', StringComparison.Ordinal);
        return new(entry.UserId, entry.GroupId, name)
        {
            Home = Marshal.PtrToStringUTF8(entry.Directory) ?? "",
            FullName = (end < 0 ? comment : comment[..end]).Replace("&", Capitalised(name), StringComparison.Ordinal),
        };
    }

    // passwd(5): an ampersand stands for the login name.
    private static string Capitalised(string name) => name.Length == 0 ? "" : char.ToUpperInvariant(name[0]) + name[1..];
}
