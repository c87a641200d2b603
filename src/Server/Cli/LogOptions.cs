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

    public LogSink Open(ParseResult line, LogConfiguration configuration, Terminal terminal)
    {
        LogFormat format = line.GetValue(_format) switch { "json" => LogFormat.Json, "text" => LogFormat.Text, _ => configuration.Format };
        return new LogSink(terminal.Log, format, Level(line) ?? configuration.Level);
    }
}
