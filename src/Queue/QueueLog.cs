using FullStack.Smtp;
using FullStack.Store;
using FullStack.Store.Accounts;
using Microsoft.Extensions.Logging;

namespace FullStack.Queue;

/// <summary>All log messages of this project: events 7000 to 7999.</summary>
internal static partial class QueueLog
{
    [LoggerMessage(7001, LogLevel.Information, "{QueueId} delivered to {Account}: {Octets} octets")]
    public static partial void Delivered(ILogger logger, QueueId queueId, AccountName account, long octets);

    [LoggerMessage(7002, LogLevel.Information, "{QueueId} not delivered to {Account}: {Error}")]
    public static partial void NotDelivered(ILogger logger, QueueId queueId, AccountName account, StoreError error);

    [LoggerMessage(7003, LogLevel.Information, "{ConnectionId} an alias leads to {Target}, which nobody has")]
    public static partial void DanglingAlias(ILogger logger, string connectionId, string target);

    [LoggerMessage(7004, LogLevel.Warning, "{ConnectionId} the account directory cannot be read: {Cause}")]
    public static partial void DirectoryUnavailable(ILogger logger, string connectionId, string cause);
}
