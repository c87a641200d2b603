using System.Net;
using Microsoft.Extensions.Logging;

namespace FullStack.Dns;

/// <summary>All log messages of this project: events 8000 to 8499.</summary>
/// <remarks>Whoever sends mail chooses names, and who owns a name chooses how long its servers take: nothing here is above Information.</remarks>
internal static partial class DnsLog
{
    [LoggerMessage(8000, LogLevel.Information, "DNS server {Server} does not answer: {Cause}")]
    public static partial void ServerDown(ILogger logger, IPEndPoint server, string cause);

    [LoggerMessage(8001, LogLevel.Information, "DNS server {Server} answers again")]
    public static partial void ServerUp(ILogger logger, IPEndPoint server);

    [LoggerMessage(8002, LogLevel.Information, "DNS servers from {File}: {Servers}")]
    public static partial void ServersRead(ILogger logger, string file, string servers);

    [LoggerMessage(8003, LogLevel.Debug, "DNS {Name} {Type}: {Outcome}, {Records} records, secure: {Secure}")]
    public static partial void Answered(ILogger logger, DnsName name, RecordType type, DnsOutcome outcome, int records, bool secure);

    [LoggerMessage(8004, LogLevel.Debug, "DNS {Name} {Type} failed: {Cause}")]
    public static partial void Failed(ILogger logger, DnsName name, RecordType type, string cause);
}
