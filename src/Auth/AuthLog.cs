using Microsoft.Extensions.Logging;

namespace FullStack.Auth;

/// <summary>Every log message of this project. Logins themselves are logged by the protocols, which know the connection.</summary>
internal static partial class AuthLog
{
    [LoggerMessage(6001, LogLevel.Error, "Logins are answered \"try again later\": {Reason}")]
    public static partial void DirectoryUnavailable(ILogger logger, string reason, Exception exception);

    [LoggerMessage(6002, LogLevel.Warning, "The password of {Account} is stored in a form this system cannot check; set it anew")]
    public static partial void UnsupportedSecret(ILogger logger, string account);

    [LoggerMessage(6003, LogLevel.Information, "The imported password of {Account} is kept as SCRAM-SHA-256 from now on")]
    public static partial void SecretUpgraded(ILogger logger, string account);

    [LoggerMessage(6004, LogLevel.Warning, "The imported password of {Account} could not be stored as SCRAM-SHA-256: {Reason}")]
    public static partial void SecretKept(ILogger logger, string account, string reason);

    [LoggerMessage(6020, LogLevel.Error, "Logins by token are answered \"try again later\": {Reason}")]
    public static partial void IssuerUnavailable(ILogger logger, string reason);

    [LoggerMessage(6005, LogLevel.Information, "The master user {Master} is let in as {Account}")]
    public static partial void MasterLoggedIn(ILogger logger, string master, string account);
}
