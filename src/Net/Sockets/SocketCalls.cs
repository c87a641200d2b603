using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;

namespace FullStack.Net.Sockets;

/// <summary>The system calls on sockets that .NET does not offer as they are. Nothing else here declares native functions.</summary>
internal static partial class SocketCalls
{
    public const int DontWait = 0x40; // MSG_DONTWAIT
    public const int More = 0x8000; // MSG_MORE: what follows is to go into the same packets
    public const int NoSignal = 0x4000; // MSG_NOSIGNAL

    public const int CloseOnExec = 0x80000; // EPOLL_CLOEXEC and EFD_CLOEXEC
    public const int Add = 1; // EPOLL_CTL_ADD
    public const int Modify = 3;

    public const int Interrupted = 4; // EINTR
    public const int WouldBlock = 11; // EAGAIN

    [LibraryImport("libc", EntryPoint = "recv", SetLastError = true)]
    public static partial nint Receive(SafeHandle socket, Span<byte> buffer, nuint length, int flags);

    [LibraryImport("libc", EntryPoint = "send", SetLastError = true)]
    public static partial nint Send(SafeHandle socket, ReadOnlySpan<byte> octets, nuint length, int flags);

    [LibraryImport("libc", EntryPoint = "epoll_create1", SetLastError = true)]
    public static partial int EpollCreate(int flags);

    [LibraryImport("libc", EntryPoint = "epoll_ctl", SetLastError = true)]
    public static partial int EpollControl(SafeFileHandle epoll, int operation, SafeHandle file, ReadOnlySpan<byte> readiness);

    [LibraryImport("libc", EntryPoint = "epoll_wait", SetLastError = true)]
    public static partial int EpollWait(SafeFileHandle epoll, Span<byte> readiness, int count, int timeoutMilliseconds);

    [LibraryImport("libc", EntryPoint = "eventfd", SetLastError = true)]
    public static partial int EventFile(uint initial, int flags);
}
