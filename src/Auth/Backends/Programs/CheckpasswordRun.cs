using System.ComponentModel;
using System.Diagnostics;
using System.Text;

namespace FullStack.Auth.Backends.Programs;

/// <summary>How a program ended.</summary>
/// <param name="ExitCode">Its exit code, or that of what it ran in its place.</param>
/// <param name="Environment">What it printed.</param>
internal sealed record ProgramAnswer(int ExitCode, IReadOnlyDictionary<string, string> Environment);

/// <summary>One run of a checkpassword program.</summary>
internal static class CheckpasswordRun
{
    /// <summary>Longest output read.</summary>
    private const int MaxOctets = 64 * 1024;

    /// <summary>Gives the program descriptor 3, which .NET cannot: what comes on standard input goes there.</summary>
    private const string Shim = "exec 3<&0 </dev/null; exec \"$@\"";

    /// <param name="directory">The name of the directory.</param>
    /// <param name="command">The program and its arguments.</param>
    /// <param name="variables">Its environment, besides PATH.</param>
    /// <param name="login">What it reads.</param>
    /// <param name="ct">Ends it, with all that it started.</param>
    /// <exception cref="DirectoryUnavailableException">It cannot be run, or prints without end.</exception>
    public static async Task<ProgramAnswer> RunAsync(
        string directory, IReadOnlyList<string> command, IReadOnlyDictionary<string, string> variables, byte[] login, CancellationToken ct)
    {
        ProcessStartInfo start = new("/bin/sh", ["-c", Shim, command[0], .. command, "/usr/bin/env", "-0"])
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            WorkingDirectory = "/",
        };
        start.Environment.Clear(); // nothing of ours is its business
        start.Environment["PATH"] = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";
        foreach ((string key, string value) in variables)
            start.Environment[key] = value;
        Process? process = null;
        try
        {
            process = await OwnThread.RunAsync(() => Process.Start(start)!);
            await WriteAsync(process, login, ct);
            byte[] output = await ReadAsync(process.StandardOutput.BaseStream, ct);
            await process.WaitForExitAsync(ct);
            return new(process.ExitCode, ReadEnvironment(output));
        }
        catch (Exception e) when (e is Win32Exception or IOException or InvalidDataException)
        {
            throw new DirectoryUnavailableException($"the program of the directory {directory} cannot be run: {e.Message}", e);
        }
        finally
        {
            if (process is { HasExited: false })
                Kill(process);
            process?.Dispose();
        }
    }

    private static async Task WriteAsync(Process process, byte[] login, CancellationToken ct)
    {
        try
        {
            await process.StandardInput.BaseStream.WriteAsync(login, ct);
            process.StandardInput.Close();
        }
        catch (IOException)
        {
            // It ended without reading: its exit code says why.
        }
    }

    /// <exception cref="InvalidDataException">There is more than is read at most.</exception>
    private static async Task<byte[]> ReadAsync(Stream output, CancellationToken ct)
    {
        byte[] buffer = new byte[MaxOctets];
        int read = await output.ReadAtLeastAsync(buffer, MaxOctets, throwOnEndOfStream: false, ct);
        return read < MaxOctets ? buffer[..read] : throw new InvalidDataException("it prints without end");
    }

    private static Dictionary<string, string> ReadEnvironment(byte[] output)
    {
        Dictionary<string, string> environment = new(StringComparer.Ordinal);
        foreach (string line in Encoding.UTF8.GetString(output).Split('\0'))
        {
            int equals = line.IndexOf('=', StringComparison.Ordinal);
            if (equals > 0)
                environment[line[..equals]] = line[(equals + 1)..];
        }

        return environment;
    }

    private static void Kill(Process process)
    {
        try
        {
            process.Kill(entireProcessTree: true);
        }
        catch (Exception e) when (e is InvalidOperationException or Win32Exception or AggregateException)
        {
            // It ended meanwhile, or belongs to another user by now: closed pipes end it.
        }
    }
}
