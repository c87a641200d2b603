using System.Text;

namespace FullStack.Server.Cli.Sendmail;

/// <summary>The name by which this process was called.</summary>
internal static class ProgramName
{
    /// <summary>What the caller gave as the program's name; .NET says that of the file instead, behind all links.</summary>
    public static string OfProcess()
    {
        try
        {
            byte[] line = File.ReadAllBytes("/proc/self/cmdline");
            int end = line.AsSpan().IndexOf((byte)0);
            return Encoding.UTF8.GetString(end < 0 ? line : line.AsSpan(0, end));
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return "";
        }
    }
}
