using System.Runtime.InteropServices;

namespace FullStack.QueueBench;

/// <summary>Gives a file one more name: a million messages need the room of a few.</summary>
internal static partial class HardLink
{
    public static void Make(string existing, string name)
    {
        if (Link(existing, name) != 0)
            throw new IOException($"cannot link {name}: {Marshal.GetLastPInvokeErrorMessage()}");
    }

    [LibraryImport("libc", EntryPoint = "link", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    private static partial int Link(string existing, string name);
}
