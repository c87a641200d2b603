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

/// <summary>What is logged, and how. Log lines go to standard error.</summary>
public sealed class LogConfiguration
{
    public LogFormat Format { get; init; } = LogFormat.Text;

    /// <summary>The least level logged.</summary>
    public LogLevel Level { get; init; } = LogLevel.Information;
}
