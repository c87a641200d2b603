using System.Globalization;
using Spectre.Console;

namespace FullStack.Server.Cli;

/// <summary>Tells how many files a command has done, where nobody counted them before: a number that grows at a terminal, else a line now and then on standard error.</summary>
internal sealed class FileProgress(Action<string> show, int step) : IProgress<long>
{
    /// <summary>Files from one line to the next; enough that a small copy says nothing.</summary>
    private const int FilesPerLine = 10_000;

    private const int FilesPerLook = 100;

    private long _shown;

    /// <summary>Runs work that tells how many files are done.</summary>
    public static T Run<T>(Terminal terminal, Func<IProgress<long>, T> work)
    {
        if (!terminal.OutputIsTerminal)
            return work(new FileProgress(terminal.Error.WriteLine, FilesPerLine));
        IAnsiConsole console = AnsiConsole.Create(new() { Out = new AnsiConsoleOutput(terminal.Error) });
        return console.Status().Start("files", status => work(new FileProgress(text => status.Status(text), FilesPerLook)));
    }

    public void Report(long value)
    {
        if (value - _shown < step)
            return;
        _shown = value;
        show(string.Create(CultureInfo.InvariantCulture, $"{value} files"));
    }
}
