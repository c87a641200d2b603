using System.Diagnostics;
using System.Text;

namespace FullStack.Interop;

/// <summary>What a program did.</summary>
internal sealed record ProgramResult(int ExitCode, string Output)
{
    public void ShouldSucceed() => Assert.True(ExitCode == 0, $"exit code {ExitCode}\n{Output}");
}

/// <summary>Runs Debian's mail programs, each with a home folder of its own and a time limit.</summary>
internal sealed class ExternalProgram(string home)
{
    private static readonly string[] Folders = ["/usr/bin", "/usr/local/bin", "/bin", "/usr/sbin"];

    public string Home { get; } = home;

    /// <summary>How long a program may run.</summary>
    public TimeSpan Limit { get; init; } = TimeSpan.FromSeconds(60);

    /// <summary>Skips the test where a program is missing; fails it where FULLSTACK_REQUIRE_PROGRAMS is set.</summary>
    public static void Require(params string[] programs)
    {
        foreach (string program in programs)
        {
            if (Find(program) is not null)
                continue;
            if (Environment.GetEnvironmentVariable("FULLSTACK_REQUIRE_PROGRAMS") is { Length: > 0 })
                Assert.Fail($"{program} is not installed");
            Assert.Skip($"{program} is not installed");
        }
    }

    public static string? Find(string program) => Folders.Select(f => Path.Combine(f, program)).FirstOrDefault(File.Exists);

    public string Write(string name, string text, UnixFileMode mode = UnixFileMode.UserRead | UnixFileMode.UserWrite)
    {
        string path = Path.Combine(Home, name);
        Directory.CreateDirectory(Path.GetDirectoryName(path)!);
        File.WriteAllText(path, text, new UTF8Encoding(false));
        File.SetUnixFileMode(path, mode);
        return path;
    }

    public Task<ProgramResult> RunAsync(string program, params string[] arguments) => RunAsync(program, arguments, input: "");

    public async Task<ProgramResult> RunAsync(string program, IEnumerable<string> arguments, string input)
    {
        ProcessStartInfo start = new(Find(program) ?? throw new FileNotFoundException(program))
        {
            WorkingDirectory = Home,
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        foreach (string argument in arguments)
            start.ArgumentList.Add(argument);
        start.Environment["HOME"] = Home;
        start.Environment["TERM"] = "xterm";
        start.Environment["LC_ALL"] = "C.UTF-8";
        start.Environment["XDG_CONFIG_HOME"] = Path.Combine(Home, ".config");

        using Process process = Process.Start(start)!;
        StringBuilder output = new();
        Task reading = Task.WhenAll(CollectAsync(process.StandardOutput, output), CollectAsync(process.StandardError, output));
        using CancellationTokenSource limit = new(Limit);
        try
        {
            await GiveAsync(process, input, limit.Token);
            await process.WaitForExitAsync(limit.Token);
            await reading.WaitAsync(limit.Token);
        }
        catch (OperationCanceledException)
        {
            process.Kill(entireProcessTree: true);
            lock (output)
                Assert.Fail($"{program} {string.Join(' ', arguments)} did not end within {Limit.TotalSeconds} s\n{output}");
        }

        lock (output)
            return new(process.ExitCode, output.ToString());
    }

    private static async Task GiveAsync(Process process, string input, CancellationToken ct)
    {
        try
        {
            await process.StandardInput.WriteAsync(input.AsMemory(), ct);
            process.StandardInput.Close();
        }
        catch (IOException)
        {
            // It ended without reading its input; what it said is still to be read.
        }
    }

    private static async Task CollectAsync(StreamReader reader, StringBuilder output)
    {
        while (await reader.ReadLineAsync() is { } line)
        {
            lock (output)
                output.AppendLine(line);
        }
    }
}
