using System.Globalization;
using System.Runtime.InteropServices;
using FullStack.Auth.Backends;
using FullStack.Auth.Backends.Unix;
using FullStack.Store.Outside;

namespace FullStack.Queue.Programs;

/// <summary>Users of the system, and who of them this process is.</summary>
public static partial class SystemUsers
{
    private const int Kill = 9;
    private const int HangUpSignal = 1;

    /// <summary>Finds a user of the system by his name, or by numbers written <c>user:group</c>; null where there is none, or nobody can be asked.</summary>
    public static UnixUser? Find(string text)
    {
        if (text.Split(':') is [{ } user, { } group])
            return TryReadNumber(user, out uint u) && TryReadNumber(group, out uint g) ? new(u, g) : null;
        try
        {
            return text.Length > 0 && SystemUser.Find(text) is { } found ? new(found.UserId, found.GroupId) : null;
        }
        catch (DirectoryUnavailableException)
        {
            return null;
        }
    }

    /// <summary>Whether a process of ours can be made to run as a user, who must not be root.</summary>
    internal static bool CanBecome(UnixUser user) => !user.IsRoot && (EffectiveUser() == 0 || EffectiveUser() == user.User);

    /// <summary>Whether this process is root's, which can become anybody.</summary>
    internal static bool IsRoot => EffectiveUser() == 0;

    /// <summary>Who this process is.</summary>
    internal static uint Own => EffectiveUser();

    /// <summary>Asks a process to read its configuration again.</summary>
    /// <returns>Whether it could be asked.</returns>
    public static bool HangUp(int process) => SendSignal(process, HangUpSignal) == 0;

    /// <summary>Ends all processes of a group.</summary>
    internal static void KillGroup(int leader) => _ = SendSignal(-leader, Kill);

    private static bool TryReadNumber(string text, out uint number) => uint.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out number);

    [LibraryImport("libc", EntryPoint = "geteuid")]
    private static partial uint EffectiveUser();

    [LibraryImport("libc", EntryPoint = "kill", SetLastError = true)]
    private static partial int SendSignal(int process, int signal);
}
