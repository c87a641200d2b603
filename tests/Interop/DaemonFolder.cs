using System.Diagnostics;

namespace FullStack.Interop;

/// <summary>The folder of a program that has been told to stop.</summary>
internal static class DaemonFolder
{
    private static readonly TimeSpan s_patience = TimeSpan.FromMinutes(1);

    /// <summary>Deletes it. Processes that the program has left may put files into it meanwhile, until they have ended too.</summary>
    public static async Task DeleteAsync(DirectoryInfo folder)
    {
        for (long begun = Stopwatch.GetTimestamp(); ;)
        {
            try
            {
                folder.Delete(recursive: true);
                return;
            }
            catch (IOException) when (Directory.Exists(folder.FullName) && Stopwatch.GetElapsedTime(begun) < s_patience)
            {
                await Task.Delay(50);
            }
            catch (DirectoryNotFoundException) when (!Directory.Exists(folder.FullName))
            {
                return;
            }
        }
    }
}
