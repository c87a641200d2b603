using System.Net;
using FullStack.Auth;
using FullStack.Net;
using FullStack.Store;
using Microsoft.Extensions.Logging;

namespace FullStack.Pop3.Server;

/// <summary>All log messages of this project: events 3000 to 3999.</summary>
internal static partial class Pop3Log
{
    [LoggerMessage(3001, LogLevel.Debug, "{ConnectionId} POP3 session from {Address}")]
    public static partial void SessionStarted(ILogger logger, string connectionId, IPAddress address);

    [LoggerMessage(3002, LogLevel.Information,
        "{ConnectionId} POP3 session from {Address} ended: {Reason}; {Retrieved} messages retrieved ({Octets} octets), {Removed} removed")]
    public static partial void SessionEnded(
        ILogger logger, string connectionId, IPAddress address, string reason, int retrieved, long octets, int removed);

    [LoggerMessage(3003, LogLevel.Debug, "{ConnectionId} {Verb}: {Ok}")]
    public static partial void CommandAnswered(ILogger logger, string connectionId, string verb, bool ok);

    [LoggerMessage(3004, LogLevel.Debug, "{ConnectionId} a word of {Octets} octets is no command we know")]
    public static partial void UnknownCommand(ILogger logger, string connectionId, int octets);

    [LoggerMessage(3005, LogLevel.Error, "{ConnectionId} {Verb} failed")]
    public static partial void CommandFailed(ILogger logger, string connectionId, string verb, Exception cause);

    [LoggerMessage(3006, LogLevel.Information, "{ConnectionId} plaintext sent after STLS was thrown away")]
    public static partial void PlaintextDiscarded(ILogger logger, string connectionId);

    [LoggerMessage(3007, LogLevel.Debug, "{ConnectionId} TLS: {Protocol} {CipherSuite}")]
    public static partial void TlsStarted(ILogger logger, string connectionId, string protocol, string cipherSuite);

    [LoggerMessage(3008, LogLevel.Information, "{ConnectionId} POP3 connection from {Address} refused: {Reason}")]
    public static partial void ConnectionRefused(ILogger logger, string connectionId, IPAddress address, string reason);

    [LoggerMessage(3009, LogLevel.Information, "{ConnectionId} the proxy {Proxy} speaks for {Address}")]
    public static partial void ClientDeclared(ILogger logger, string connectionId, IPAddress proxy, IPAddress address);

    [LoggerMessage(3101, LogLevel.Information, "{ConnectionId} {Account} logged in from {Address} by {Method}: {Messages} messages, {Octets} octets")]
    public static partial void LoggedIn(ILogger logger, string connectionId, string account, IPAddress address, string method, int messages, long octets);

    [LoggerMessage(3102, LogLevel.Information, "{ConnectionId} login from {Address} refused: {Outcome}: {Identity}")]
    public static partial void LoginRefused(ILogger logger, string connectionId, IPAddress address, LoginOutcome outcome, Loggable identity);

    [LoggerMessage(3103, LogLevel.Information, "{ConnectionId} the maildrop of {Account} cannot be opened: {Error}")]
    public static partial void MaildropRefused(ILogger logger, string connectionId, string account, StoreFailure error);

    [LoggerMessage(3104, LogLevel.Information, "{ConnectionId} messages marked as deleted could not be removed: {Error}")]
    public static partial void UpdateFailed(ILogger logger, string connectionId, StoreError error);
}
