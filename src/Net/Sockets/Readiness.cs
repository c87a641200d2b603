using System.Buffers.Binary;
using System.Runtime.InteropServices;

namespace FullStack.Net.Sockets;

/// <summary>What a socket is ready for, or is to be watched for: epoll's events and the number that comes back with them.</summary>
/// <param name="Events">The bits below.</param>
/// <param name="Key">Whose they are.</param>
internal readonly record struct Readiness(uint Events, long Key)
{
    public const uint In = 0x1;
    public const uint Out = 0x4;
    public const uint Error = 0x8;
    public const uint HangUp = 0x10;

    /// <summary>One report, then none until the socket is watched anew.</summary>
    public const uint Once = 1u << 30;

    /// <summary>Most octets that struct epoll_event has anywhere.</summary>
    public const int MaxOctets = 16;

    // The kernel's struct is packed on x86-64 and nowhere else.
    private static readonly int s_keyOffset = RuntimeInformation.ProcessArchitecture == Architecture.X64 ? 4 : 8;

    public void Write(Span<byte> target)
    {
        BinaryPrimitives.WriteUInt32LittleEndian(target, Events);
        BinaryPrimitives.WriteInt64LittleEndian(target[s_keyOffset..], Key);
    }

    public static Readiness Read(ReadOnlySpan<byte> source)
        => new(BinaryPrimitives.ReadUInt32LittleEndian(source), BinaryPrimitives.ReadInt64LittleEndian(source[s_keyOffset..]));
}
