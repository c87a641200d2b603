using System.CommandLine;
using FullStack.Server.Configuration;
using FullStack.Server.Logging;
using Microsoft.Extensions.Logging;

namespace FullStack.Server.Cli;

/// <summary>The options of the commands that run a server: they go before the configuration's log settings.</summary>
internal sealed class LogOptions
{
    private readonly Option<string?> _format = new("--log-format") { Description = "Log lines as text or json.", HelpName = "text|json" };
    private readonly Option<string?> _level = new("--log-level") { Description = "Least level logged.", HelpName = "trace|debug|info|warn|error" };

    public LogOptions()
    {
        _format.AcceptOnlyFromAmong("text", "json");
        _level.AcceptOnlyFromAmong("trace", "debug", "info", "warn", "error");
    }

    public IReadOnlyList<Option> All => [_format, _level];

    /// <summary>The level of the command line; null where it gives none.</summary>
    public LogLevel? Level(ParseResult line)
        => line.GetValue(_level) is { } word && Settings.LogLevels.TryParse(word, out LogLevel level) ? level : null;

    /// <summary>Opens the log. A format on the command line means lines on standard error.</summary>
    public LogSink Open(ParseResult line, LogConfiguration configuration, Terminal terminal)
    {
        LogLevel level = Level(line) ?? configuration.Level;
        LogFormat? format = line.GetValue(_format) switch { "json" => LogFormat.Json, "text" => LogFormat.Text, _ => null };
        LogTarget target = format is not null ? LogTarget.StandardError : configuration.Target;
        bool isJournal = target == LogTarget.Journal || (target == LogTarget.Auto && terminal.LogIsJournal);
        if (isJournal)
            return new LogSink(new DatagramOutput(SystemJournal.Socket), SystemJournal.Layout, level);
        return target == LogTarget.Syslog
            ? new LogSink(new DatagramOutput(SyslogLine.Socket), new SyslogLine(terminal.Time, Environment.ProcessId).Layout, level)
            : new LogSink(terminal.Log, format ?? configuration.Format, level);
    }
}
