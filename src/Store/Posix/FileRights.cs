using System.Runtime.InteropServices;
using FullStack.Store.Outside;

namespace FullStack.Store.Posix;

/// <summary>Makes one thread open files with the rights of a user of the system. Of a process that is not root's, only with its own.</summary>
/// <remarks>
/// Linux keeps the numbers by which files are opened for each thread (setfsuid(2)); with root's number go root's rights over files. The list of further
/// groups is the thread's too where the call goes past the C library, which would change it in all.
/// </remarks>
internal readonly ref struct FileRights
{
    private readonly UnixUser _own;
    private readonly bool _taken;

    private FileRights(UnixUser own, bool taken) => (_own, _taken) = (own, taken);

    /// <summary>Whether this process can have the rights of a user, who is not root.</summary>
    public static bool CanTake(UnixUser user)
        => !user.IsRoot && (Libc.EffectiveUser() == 0 ? GroupsCall >= 0 : Libc.EffectiveUser() == user.User);

    /// <summary>Takes the rights until disposed of, which the same thread has to do.</summary>
    public static FileRights Take(UnixUser user)
    {
        UnixUser own = new(Libc.EffectiveUser(), Libc.EffectiveGroup());
        if (own.User != 0)
            return new(own, taken: false);
        Libc.SystemCall(GroupsCall, 0, 0);
        Libc.SetFileGroup(user.Group);
        Libc.SetFileUser(user.User);
        return new(own, taken: true);
    }

    /// <summary>Gives them back. Root's further groups, which it needs for nothing, stay away from this thread.</summary>
    public void Dispose()
    {
        if (!_taken)
            return;
        Libc.SetFileUser(_own.User);
        Libc.SetFileGroup(_own.Group);
    }

    /// <summary>The number of the call setgroups; -1 where it is not known.</summary>
    private static int GroupsCall => RuntimeInformation.ProcessArchitecture switch
    {
        Architecture.X64 => 116,
        Architecture.Arm64 or Architecture.RiscV64 or Architecture.LoongArch64 => 159,
        _ => -1,
    };
}
