using FullStack.Server.Cli;

namespace FullStack.Unit.Server;

/// <summary>One command of the program, run in this process.</summary>
internal sealed record CommandRun(int ExitCode, string Output, string Error)
{
    public static Task<CommandRun> OfAsync(string input, params string[] arguments) => OfAsync(input, TimeProvider.System, arguments);

    /// <summary>A command at another time, with nothing on standard input.</summary>
    public static Task<CommandRun> OfAsync(TimeProvider time, params string[] arguments) => OfAsync("", time, arguments);

    private static async Task<CommandRun> OfAsync(string input, TimeProvider time, string[] arguments)
    {
        using StringWriter output = new();
        using StringWriter error = new();
        Terminal terminal = new() { Input = new StringReader(input), Output = output, Error = error, Log = Stream.Null, Time = time };
        int code = await CommandLine.RunAsync(arguments, terminal, TestContext.Current.CancellationToken);
        return new(code, output.ToString(), error.ToString());
    }
}
