using System.Runtime.InteropServices;

namespace FullStack.Store.Posix;

/// <summary>What the kernel knows of its clock.</summary>
public static class KernelClock
{
    private const int TimeError = 5; // TIME_ERROR: nobody keeps it right

    /// <summary>Whether something keeps the clock right (NTP or the like); null: the kernel does not say.</summary>
    public static bool? IsSynchronised()
    {
        Span<ulong> timex = stackalloc ulong[32]; // struct timex, larger than any; no modes: nothing is changed
        timex.Clear();
        int state = Libc.AdjustTime(MemoryMarshal.AsBytes(timex));
        return state < 0 ? null : state != TimeError;
    }
}
