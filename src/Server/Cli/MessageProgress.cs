using System.Globalization;
using Spectre.Console;

namespace FullStack.Server.Cli;

/// <summary>Tells how far a command is with its messages: a bar at a terminal, else a line now and then on standard error.</summary>
internal sealed class MessageProgress : IProgress<int>
{
    private readonly Action<long, string> _show;
    private long _before;
    private string _what = "";

    private MessageProgress(Action<long, string> show) => _show = show;

    /// <summary>Runs work that has so many messages to go through.</summary>
    public static async Task RunAsync(Terminal terminal, long total, Func<MessageProgress, Task> work)
    {
        if (!terminal.OutputIsTerminal)
        {
            await work(new(Lines(terminal, total)));
            return;
        }

        IAnsiConsole console = AnsiConsole.Create(new() { Out = new AnsiConsoleOutput(terminal.Error) });
        await console.Progress()
            .Columns(new TaskDescriptionColumn(), new ProgressBarColumn(), new PercentageColumn(), new RemainingTimeColumn())
            .StartAsync(async context =>
            {
                ProgressTask bar = context.AddTask("messages", maxValue: Math.Max(1, total));
                await work(new((done, what) =>
                {
                    bar.Value = done;
                    bar.Description = Markup.Escape(what);
                }));
                bar.Value = bar.MaxValue;
            });
    }

    /// <summary>Begins with the next of several things that have messages.</summary>
    /// <param name="what">What it is.</param>
    /// <param name="done">Messages of those before it.</param>
    public void Begin(string what, long done)
    {
        (_what, _before) = (what, done);
        _show(done, what);
    }

    public void Report(int value) => _show(_before + value, _what);

    private static Action<long, string> Lines(Terminal terminal, long total)
    {
        const int Steps = 10;
        long shown = -1;
        return (done, what) =>
        {
            long step = total == 0 ? Steps : done * Steps / total;
            if (step == shown)
                return;
            shown = step;
            terminal.Error.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{done} of {total} messages; {what}"));
        };
    }
}
