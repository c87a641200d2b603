using System.Net;
using FullStack.Net;
using FullStack.Smtp.Stages;
using Microsoft.Extensions.Logging;

namespace FullStack.Smtp.Server;

/// <summary>All log messages of this project: events 2000 to 2999.</summary>
internal static partial class SmtpLog
{
    [LoggerMessage(2001, LogLevel.Debug, "{ConnectionId} SMTP session from {Address} as {Role}")]
    public static partial void SessionStarted(ILogger logger, string connectionId, IPAddress address, SmtpRole role);

    [LoggerMessage(2002, LogLevel.Information, "{ConnectionId} SMTP session from {Address} ended: {Reason}; {Messages} messages, {Commands} commands")]
    public static partial void SessionEnded(ILogger logger, string connectionId, IPAddress address, string reason, int messages, int commands);

    [LoggerMessage(2003, LogLevel.Debug, "{ConnectionId} {Verb}: {Code}")]
    public static partial void CommandAnswered(ILogger logger, string connectionId, string verb, int code);

    [LoggerMessage(2004, LogLevel.Debug, "{ConnectionId} a line of {Octets} octets is no command we know")]
    public static partial void UnknownCommand(ILogger logger, string connectionId, int octets);

    [LoggerMessage(2005, LogLevel.Error, "{ConnectionId} {Verb} failed")]
    public static partial void CommandFailed(ILogger logger, string connectionId, string verb, Exception cause);

    [LoggerMessage(2006, LogLevel.Information, "{ConnectionId} plaintext sent after STARTTLS was thrown away")]
    public static partial void PlaintextDiscarded(ILogger logger, string connectionId);

    [LoggerMessage(2007, LogLevel.Debug, "{ConnectionId} TLS: {Protocol} {CipherSuite}")]
    public static partial void TlsStarted(ILogger logger, string connectionId, string protocol, string cipherSuite);

    [LoggerMessage(2008, LogLevel.Information, "{ConnectionId} SMTP connection from {Address} refused: {Reason}")]
    public static partial void ConnectionRefused(ILogger logger, string connectionId, IPAddress address, string reason);

    [LoggerMessage(2009, LogLevel.Information, "{ConnectionId} the proxy {Proxy} speaks for {Address}")]
    public static partial void ClientDeclared(ILogger logger, string connectionId, IPAddress proxy, IPAddress address);

    [LoggerMessage(2010, LogLevel.Debug, "{ConnectionId} the name of {Address}: {State} {HostName}")]
    public static partial void ClientNamed(ILogger logger, string connectionId, IPAddress address, ClientNameState state, Loggable hostName);

    [LoggerMessage(2101, LogLevel.Information, "{ConnectionId} {Account} logged in by {Mechanism}")]
    public static partial void LoggedIn(ILogger logger, string connectionId, Loggable account, Loggable mechanism);

    [LoggerMessage(2102, LogLevel.Information, "{ConnectionId} login from {Address} refused: {Identity} by {Mechanism}")]
    public static partial void LoginRefused(ILogger logger, string connectionId, IPAddress address, Loggable identity, Loggable mechanism);

    [LoggerMessage(2201, LogLevel.Information, "{ConnectionId} RCPT from {Address} refused: {Code} {Status} {ForwardPath}")]
    public static partial void RecipientRefused(ILogger logger, string connectionId, IPAddress address, int code, EnhancedStatus status, Loggable forwardPath);

    [LoggerMessage(2202, LogLevel.Information, "{ConnectionId} MAIL {ReversePath} refused: {Code} {Status}")]
    public static partial void SenderRefused(ILogger logger, string connectionId, Loggable reversePath, int code, EnhancedStatus status);

    [LoggerMessage(2301, LogLevel.Information, "{QueueId} accepted on {ConnectionId} from {Client}: {Octets} octets from {ReversePath} for {Recipients} recipients, first {First}, message-id {MessageId}")]
    public static partial void MessageAccepted(
        ILogger logger, QueueId queueId, string connectionId, Loggable client, long octets, Loggable reversePath, int recipients, Loggable first, Loggable messageId);

    [LoggerMessage(2305, LogLevel.Information, "{QueueId} has priority {Priority}")]
    public static partial void MessagePriority(ILogger logger, QueueId queueId, int priority);

    [LoggerMessage(2302, LogLevel.Information, "{QueueId} refused on {ConnectionId}: {Octets} octets from {ReversePath}: {Code} {Status}")]
    public static partial void MessageRefused(
        ILogger logger, QueueId queueId, string connectionId, long octets, Loggable reversePath, int code, EnhancedStatus? status);

    [LoggerMessage(2303, LogLevel.Warning, "{QueueId} cannot be stored: {Cause}")]
    public static partial void StorageFailed(ILogger logger, QueueId queueId, string cause);

    [LoggerMessage(2304, LogLevel.Error, "{QueueId} cannot be taken on")]
    public static partial void SinkFailed(ILogger logger, QueueId queueId, Exception cause);

    [LoggerMessage(2306, LogLevel.Warning, "{ConnectionId} nothing can be kept of a message in case it is interrupted: {Cause}")]
    public static partial void CheckpointFailed(ILogger logger, string connectionId, string cause);

    [LoggerMessage(2307, LogLevel.Information, "{QueueId} goes on after {Octets} octets that came before")]
    public static partial void MessageResumed(ILogger logger, QueueId queueId, long octets);

    [LoggerMessage(2401, LogLevel.Information, "{ConnectionId} {Point}: {Stage} decides {Action}: {Reason}")]
    public static partial void StageDecided(ILogger logger, string connectionId, string point, string stage, StageAction action, Loggable reason);

    [LoggerMessage(2402, LogLevel.Debug, "{ConnectionId} {Point}: {Stage} says {Action}: {Reason}")]
    public static partial void StageSaid(ILogger logger, string connectionId, string point, string stage, StageAction action, Loggable reason);

    [LoggerMessage(2403, LogLevel.Error, "{ConnectionId} the filter {Stage} failed at {Point}")]
    public static partial void StageFailed(ILogger logger, string connectionId, string stage, string point, Exception cause);

    [LoggerMessage(2801, LogLevel.Debug, "{Host} [{EndPoint}] greets as {RemoteName}, {Tls}")]
    public static partial void HostGreeted(ILogger logger, Loggable host, EndPoint endPoint, Loggable remoteName, string tls);

    [LoggerMessage(2802, LogLevel.Debug, "{Host}: in the clear instead: {Cause}")]
    public static partial void ClearInstead(ILogger logger, Loggable host, string cause);
}
