using System.Runtime.InteropServices;

namespace FullStack.Auth.Backends.Unix;

/// <summary>struct passwd of Linux.</summary>
[StructLayout(LayoutKind.Sequential)]
internal struct PasswdEntry
{
    public nint Name;
    public nint Password;
    public uint UserId;
    public uint GroupId;
    public nint RealName;
    public nint Directory;
    public nint Shell;
}
