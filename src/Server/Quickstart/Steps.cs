using FullStack.Server.Cli;
using Spectre.Console;

namespace FullStack.Server.Quickstart;

/// <summary>Says what has been done, a line per step.</summary>
internal sealed class Steps(Terminal terminal)
{
    public void Done(string what) => Line("done", "green", what);

    /// <summary>Something that was there already, or that the reader should know.</summary>
    public void Note(string what) => Line("note", "yellow", what);

    private void Line(string mark, string colour, string what)
    {
        if (terminal.OutputIsTerminal)
            AnsiConsole.MarkupLine($"[{colour}]{mark}[/]  {Markup.Escape(what)}");
        else
            terminal.Output.WriteLine($"{mark}  {what}");
        terminal.Output.Flush();
    }
}
