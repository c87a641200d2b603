using FullStack.Store.Posix;
using Microsoft.Win32.SafeHandles;

namespace FullStack.Unit.Store;

/// <summary>One server on one mail root, and the next one as soon as it has gone.</summary>
public sealed class RootLockTests
{
    [Fact]
    public void Lock_given_back_is_free_although_a_child_shares_its_file()
    {
        string root = Directory.CreateTempSubdirectory("rootlock").FullName;
        try
        {
            RootLock held = RootLock.Take(root);
            using SafeFileHandle childs = new(Duplicate(DescriptorOf(Path.Combine(root, ".lock"))), ownsHandle: true);
            Assert.False(childs.IsInvalid);
            Assert.Equal(Environment.ProcessId, RootLock.HolderOf(root));
            held.Dispose();
            using RootLock next = RootLock.Take(root);
        }
        finally
        {
            Directory.Delete(root, recursive: true);
        }
    }

    private static int DescriptorOf(string path)
        => int.Parse(Path.GetFileName(Assert.Single(Directory.GetFiles("/proc/self/fd"), open => new FileInfo(open).LinkTarget == path)));

    [System.Runtime.InteropServices.DllImport("libc", EntryPoint = "dup")]
    private static extern int Duplicate(int descriptor);
}
