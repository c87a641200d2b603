using FullStack.Imap.Server;
using FullStack.Net;
using Microsoft.Extensions.Logging;

namespace FullStack.Imap;

/// <summary>All log lines of the IMAP server. Event ids 4000 to 4999.</summary>
internal static partial class ImapLog
{
    [LoggerMessage(4001, LogLevel.Information, "{ConnectionId} IMAP session of {Account} from {Remote} ended after {Commands} commands: {Reason}")]
    public static partial void SessionEnded(ILogger logger, string connectionId, string account, System.Net.IPAddress remote, long commands, string reason);

    [LoggerMessage(4002, LogLevel.Information, "{ConnectionId} login of {Account} from {Remote} by {Method}")]
    public static partial void LoggedIn(ILogger logger, string connectionId, string account, System.Net.IPAddress remote, string method);

    [LoggerMessage(4003, LogLevel.Information, "{ConnectionId} login from {Remote} refused: {Reason}: {Identity} by {Method}")]
    public static partial void LoginRefused(
        ILogger logger, string connectionId, System.Net.IPAddress remote, string reason, Loggable identity, string method);

    [LoggerMessage(4004, LogLevel.Information, "{ConnectionId} messages appended: {Count}, {Octets} octets, to {Mailbox} of {Account}, from UID {Uid}")]
    public static partial void Appended(ILogger logger, string connectionId, int count, long octets, Loggable mailbox, string account, uint uid);

    [LoggerMessage(4010, LogLevel.Debug, "{ConnectionId} syntax error in {Verb} at octet {Position}")]
    public static partial void SyntaxError(ILogger logger, string connectionId, string verb, int position);

    [LoggerMessage(4011, LogLevel.Trace, "{ConnectionId} C: {Frame}")]
    public static partial void Received(ILogger logger, string connectionId, Loggable frame);

    [LoggerMessage(4012, LogLevel.Trace, "{ConnectionId} S: {Tag} {Status} {Text}")]
    public static partial void Answered(ILogger logger, string connectionId, Loggable tag, ImapStatus status, string text);

    [LoggerMessage(4013, LogLevel.Debug, "{ConnectionId} client is {Client}")]
    public static partial void ClientIs(ILogger logger, string connectionId, Loggable client);

    [LoggerMessage(4020, LogLevel.Error, "{ConnectionId} {Verb} failed")]
    public static partial void CommandFailed(ILogger logger, string connectionId, string verb, Exception exception);

    [LoggerMessage(4023, LogLevel.Error, "{ConnectionId} closed in the middle of a response")]
    public static partial void ResponseBroken(ILogger logger, string connectionId, Exception exception);

    [LoggerMessage(4022, LogLevel.Warning, "{ConnectionId} an appended message could not be kept: {Cause}")]
    public static partial void StagingFailed(ILogger logger, string connectionId, string cause);

    [LoggerMessage(4025, LogLevel.Warning, "what {Account} has cannot be looked up now: {Cause}")]
    public static partial void LookUpFailed(ILogger logger, string account, string cause);

    [LoggerMessage(4026, LogLevel.Information, "{ConnectionId} the mailboxes of {Account} cannot be watched now: {Cause}")]
    public static partial void NotWatched(ILogger logger, string connectionId, string account, Store.StoreFailure cause);

    [LoggerMessage(4024, LogLevel.Warning, "{ConnectionId} {Verb} cannot be done now: {Cause}")]
    public static partial void DiskFailed(ILogger logger, string connectionId, string verb, string cause);

    [LoggerMessage(4021, LogLevel.Warning, "{ConnectionId} the mail of {Account} cannot be opened: {Error}")]
    public static partial void AccountUnavailable(ILogger logger, string connectionId, string account, Store.StoreFailure error);
}
