using FullStack.Server.Cli;

namespace FullStack.Unit.Server;

/// <summary>One command of the program, run in this process.</summary>
internal sealed record CommandRun(int ExitCode, string Output, string Error)
{
    public static async Task<CommandRun> OfAsync(string input, params string[] arguments)
    {
        using StringWriter output = new();
        using StringWriter error = new();
        Terminal terminal = new() { Input = new StringReader(input), Output = output, Error = error, Log = Stream.Null };
        int code = await CommandLine.RunAsync(arguments, terminal, TestContext.Current.CancellationToken);
        return new(code, output.ToString(), error.ToString());
    }
}
