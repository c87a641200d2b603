using System.Runtime.InteropServices;

namespace FullStack.Unit.Server;

/// <summary>Runs code without root's right to read every file, so that file modes count for tests run as root too.</summary>
internal static class AsNobody
{
    private const uint Nobody = 65534;

    /// <summary>Runs it on a thread of its own: Linux keeps the identity for file access by thread. Where the test has no root it changes nothing.</summary>
    public static void Run(Action action)
    {
        Exception? thrown = null;
        Thread thread = new(() =>
        {
            try
            {
                SetFileAccessUser(Nobody);
                action();
            }
            catch (Exception e) // An exception that leaves a thread would end the test host.
            {
                thrown = e;
            }
        });
        thread.Start();
        thread.Join();
        Assert.Null(thrown);
    }

    [DllImport("libc", EntryPoint = "setfsuid")]
    private static extern int SetFileAccessUser(uint user);
}
