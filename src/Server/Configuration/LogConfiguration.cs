using Microsoft.Extensions.Logging;

namespace FullStack.Server.Configuration;

/// <summary>How log lines look.</summary>
public enum LogFormat
{
    /// <summary>One line of text per event.</summary>
    Text,

    /// <summary>One JSON object per line.</summary>
    Json,
}

/// <summary>Where log lines go.</summary>
public enum LogTarget
{
    /// <summary>To journald, with fields, where standard error is journald's; else to standard error.</summary>
    Auto,

    /// <summary>To standard error.</summary>
    StandardError,

    /// <summary>To journald.</summary>
    Journal,

    /// <summary>To the syslog daemon of this host.</summary>
    Syslog,
}

/// <summary>What is logged, and how.</summary>
public sealed class LogConfiguration
{
    public LogTarget Target { get; init; } = LogTarget.Auto;

    /// <summary>How lines on standard error look.</summary>
    public LogFormat Format { get; init; } = LogFormat.Text;

    /// <summary>The least level logged.</summary>
    public LogLevel Level { get; init; } = LogLevel.Information;
}
