using System.Net;
using Microsoft.Extensions.Logging;

namespace FullStack.Server.Hosting;

/// <summary>All log messages of the server itself: 9000 to 9999.</summary>
internal static partial class HostLog
{
    [LoggerMessage(9000, LogLevel.Information, "listening for {Protocol} at {EndPoint}, TLS {Tls}")]
    public static partial void Listening(ILogger logger, ListenerProtocol protocol, EndPoint endPoint, ListenerTls tls);

    [LoggerMessage(9001, LogLevel.Information, "started: {HostName}, data in {Data}, ready after {Seconds:0.000} s")]
    public static partial void Started(ILogger logger, string hostName, string data, double seconds);

    [LoggerMessage(9002, LogLevel.Information, "stopping: {Connections} connections are asked to end")]
    public static partial void Stopping(ILogger logger, int connections);

    [LoggerMessage(9003, LogLevel.Information, "stopped: {Aborted} connections had to be cut")]
    public static partial void Stopped(ILogger logger, int aborted);

    [LoggerMessage(9004, LogLevel.Warning, "nothing can be accepted at {EndPoint} for a moment: {Reason}")]
    public static partial void CannotAccept(ILogger logger, EndPoint endPoint, string reason);

    [LoggerMessage(9005, LogLevel.Information, "listening no more for {Protocol} at {EndPoint}")]
    public static partial void ListeningNoMore(ILogger logger, ListenerProtocol protocol, EndPoint endPoint);

    [LoggerMessage(9006, LogLevel.Warning, "the socket {Socket} was passed by systemd, and no listener of the configuration is there: clients that connect to it wait for nothing")]
    public static partial void SocketUnused(ILogger logger, string socket);

    [LoggerMessage(9010, LogLevel.Debug, "{ConnectionId} connected from {RemoteEndPoint} for {Protocol}")]
    public static partial void Connected(ILogger logger, string connectionId, EndPoint remoteEndPoint, ListenerProtocol protocol);

    [LoggerMessage(9011, LogLevel.Debug, "{ConnectionId} ended by the peer: {Reason}")]
    public static partial void PeerGone(ILogger logger, string connectionId, string reason);

    [LoggerMessage(9012, LogLevel.Error, "{ConnectionId} session failed")]
    public static partial void SessionFailed(ILogger logger, string connectionId, Exception exception);

    [LoggerMessage(9013, LogLevel.Information, "{ConnectionId} refused from {RemoteEndPoint}: {Reason}")]
    public static partial void Refused(ILogger logger, string connectionId, EndPoint remoteEndPoint, string reason);

    [LoggerMessage(9014, LogLevel.Information, "{ConnectionId} from {RemoteEndPoint} for {Protocol}: {Reason}")]
    public static partial void HandshakeFailed(ILogger logger, string connectionId, EndPoint remoteEndPoint, ListenerProtocol protocol, string reason);

    [LoggerMessage(9015, LogLevel.Information, "serving settings for mail programs at {EndPoint} (TLS: {Tls})")]
    public static partial void ListeningForWeb(ILogger logger, EndPoint endPoint, bool tls);

    [LoggerMessage(9016, LogLevel.Debug, "settings for mail programs asked for from {Address}, {Method}: {Status}")]
    public static partial void WebRequest(ILogger logger, IPAddress? address, string method, int status);

    [LoggerMessage(9020, LogLevel.Information, "certificate {File} for {Names}, valid until {NotAfter:yyyy-MM-dd}")]
    public static partial void CertificateLoaded(ILogger logger, string file, string names, DateTimeOffset notAfter);

    [LoggerMessage(9021, LogLevel.Warning, "certificates not reloaded, the old ones stay: {Reason}")]
    public static partial void CertificatesKept(ILogger logger, string reason);

    [LoggerMessage(9022, LogLevel.Information, "made a self-signed certificate for {HostName} in {Folder}")]
    public static partial void CertificateMade(ILogger logger, string hostName, string folder);

    [LoggerMessage(9023, LogLevel.Warning, "certificate {File} expires at {NotAfter:yyyy-MM-dd}")]
    public static partial void CertificateExpires(ILogger logger, string file, DateTimeOffset notAfter);

    [LoggerMessage(9024, LogLevel.Information, "certificate for {Names} was issued by {Authority}")]
    public static partial void CertificateIssued(ILogger logger, string names, string authority);

    [LoggerMessage(9025, LogLevel.Warning, "no certificate for {Names}, next attempt at {Next:yyyy-MM-dd HH:mm}: {Problem}")]
    public static partial void CertificateNotIssued(ILogger logger, string names, DateTimeOffset next, string problem);

    [LoggerMessage(9030, LogLevel.Information, "configuration reloaded from {File}")]
    public static partial void Reloaded(ILogger logger, string file);

    [LoggerMessage(9031, LogLevel.Warning, "configuration not reloaded, the old one stays: {Problem}")]
    public static partial void ReloadRefused(ILogger logger, string problem);

    [LoggerMessage(9032, LogLevel.Warning, "{Key} changed in the configuration: that needs a restart")]
    public static partial void NeedsRestart(ILogger logger, string key);

    [LoggerMessage(9050, LogLevel.Information, "the folder {Folder} is not watched, and looked at once a minute instead: {Cause}")]
    public static partial void DropNotWatched(ILogger logger, string folder, string cause);

    [LoggerMessage(9051, LogLevel.Warning, "the folder {Folder} cannot be used, and will be looked at again: {Cause}")]
    public static partial void DropUnusable(ILogger logger, string folder, string cause);

    [LoggerMessage(9052, LogLevel.Information, "{ConnectionId} took up {Name} of user {User}: {Outcome}")]
    public static partial void DropTaken(ILogger logger, string connectionId, string name, uint user, string outcome);

    [LoggerMessage(9053, LogLevel.Information, "{Name} of user {User} is no message, and was removed")]
    public static partial void DropMalformed(ILogger logger, string name, uint user);

    [LoggerMessage(9054, LogLevel.Error, "{Name} cannot be taken up")]
    public static partial void DropFailed(ILogger logger, string name, Exception cause);

    [LoggerMessage(9070, LogLevel.Warning, "commands that ask the running server will not reach it: {Reason}")]
    public static partial void ControlUnavailable(ILogger logger, string reason);

    [LoggerMessage(9071, LogLevel.Error, "a command of the control socket failed")]
    public static partial void ControlFailed(ILogger logger, Exception exception);

    [LoggerMessage(9041, LogLevel.Error, "no answer from: {Parts}; systemd is told no more that the server is alive, and will start it anew if this goes on")]
    public static partial void WatchdogSilent(ILogger logger, string parts);

    [LoggerMessage(9040, LogLevel.Information, "received {Signal}")]
    public static partial void Signalled(ILogger logger, string signal);
}
