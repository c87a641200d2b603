using System.Diagnostics;
using System.Net;
using System.Net.Sockets;

namespace FullStack.Interop.Directories;

/// <summary>A server program that runs in the foreground as long as a test does, and can be made to hang.</summary>
internal sealed class PrivateProcess : IAsyncDisposable
{
    private static readonly TimeSpan s_startTime = TimeSpan.FromSeconds(30);

    private readonly Process _process;

    private PrivateProcess(Process process) => _process = process;

    /// <summary>Starts a program and waits until it takes connections.</summary>
    public static async Task<PrivateProcess> StartAsync(int port, string program, params string[] arguments)
    {
        ProcessStartInfo start = new(program, arguments) { RedirectStandardError = true, RedirectStandardOutput = true };
        Process process = Process.Start(start)!;
        Task<string> said = process.StandardError.ReadToEndAsync();
        _ = process.StandardOutput.ReadToEndAsync();
        PrivateProcess running = new(process);
        for (long begun = Stopwatch.GetTimestamp(); !await AnswersAsync(port); await Task.Delay(20))
        {
            if (!process.HasExited && Stopwatch.GetElapsedTime(begun) < s_startTime)
                continue;
            await running.DisposeAsync();
            Assert.Fail($"{program} does not answer: {await said}");
        }

        return running;
    }

    /// <summary>Halts it, so that it takes connections and says nothing.</summary>
    public void Halt() => Signal("STOP");

    public void GoOn() => Signal("CONT");

    public async ValueTask DisposeAsync()
    {
        if (!_process.HasExited)
            _process.Kill(entireProcessTree: true);
        await _process.WaitForExitAsync();
        _process.Dispose();
    }

    private void Signal(string name)
    {
        // The children too: postgres has one for each connection.
        string children = File.Exists($"/proc/{_process.Id}/task/{_process.Id}/children") ? File.ReadAllText($"/proc/{_process.Id}/task/{_process.Id}/children") : "";
        foreach (string id in (string[])[$"{_process.Id}", .. children.Split(' ', StringSplitOptions.RemoveEmptyEntries)])
        {
            using Process kill = Process.Start("kill", [$"-{name}", id]);
            kill.WaitForExit();
        }
    }

    private static async Task<bool> AnswersAsync(int port)
    {
        using Socket socket = new(SocketType.Stream, ProtocolType.Tcp);
        try
        {
            await socket.ConnectAsync(IPAddress.Loopback, port);
            return true;
        }
        catch (SocketException)
        {
            return false;
        }
    }
}
