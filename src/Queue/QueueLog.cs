using FullStack.Queue.Schedule;
using FullStack.Smtp;
using FullStack.Store;
using FullStack.Store.Accounts;
using Microsoft.Extensions.Logging;

namespace FullStack.Queue;

/// <summary>All log messages of this project: events 7000 to 7999.</summary>
internal static partial class QueueLog
{
    [LoggerMessage(7001, LogLevel.Information,
        "{QueueId} to={Recipient} relay=local delay={Delay:0.##} delays={Delays} dsn=2.0.0 status=sent (delivered to {Account}: {Octets} octets)")]
    public static partial void Delivered(
        ILogger logger, QueueId queueId, ForwardPath recipient, double delay, AttemptDelays delays, AccountName account, long octets);

    [LoggerMessage(7002, LogLevel.Information,
        "{QueueId} to={Recipient} relay=local delay={Delay:0.##} delays={Delays} dsn={Dsn} status={Status} (not delivered to {Account}: {Error})")]
    public static partial void NotDelivered(
        ILogger logger, QueueId queueId, ForwardPath recipient, double delay, AttemptDelays delays, EnhancedStatus dsn, string status, AccountName account, StoreFailure error);

    [LoggerMessage(7009, LogLevel.Warning, "{QueueId} cannot be copied for mailboxes: {Cause}")]
    public static partial void NotCopied(ILogger logger, QueueId queueId, string cause);

    [LoggerMessage(7003, LogLevel.Information, "{ConnectionId} an alias leads to {Target}, which nobody has")]
    public static partial void DanglingAlias(ILogger logger, string connectionId, string target);

    [LoggerMessage(7004, LogLevel.Warning, "{ConnectionId} the account directory cannot be read: {Cause}")]
    public static partial void DirectoryUnavailable(ILogger logger, string connectionId, string cause);

    [LoggerMessage(7005, LogLevel.Debug, "{QueueId} has a copy among the sent mail of {Account}")]
    public static partial void SentCopyKept(ILogger logger, QueueId queueId, AccountName account);

    [LoggerMessage(7006, LogLevel.Information, "{QueueId} has no copy among the sent mail of {Account}: {Cause}")]
    public static partial void SentCopyFailed(ILogger logger, QueueId queueId, AccountName account, string cause);

    [LoggerMessage(7401, LogLevel.Information, "{Problem}")]
    public static partial void AliasProblem(ILogger logger, string problem);

    [LoggerMessage(7402, LogLevel.Information, "{File} is passed over: {Reason}")]
    public static partial void PersonalFileIgnored(ILogger logger, string file, string reason);

    [LoggerMessage(7403, LogLevel.Information, "{QueueId} goes on as {CopyId} from {Sender}: {Recipients} recipients, for {Address}")]
    public static partial void Forwarded(ILogger logger, QueueId queueId, QueueId copyId, string sender, int recipients, string address);

    [LoggerMessage(7010, LogLevel.Information, "{QueueId} queued: {Octets} octets, {Recipients} recipients")]
    public static partial void Queued(ILogger logger, QueueId queueId, long octets, int recipients);

    [LoggerMessage(7011, LogLevel.Warning, "{QueueId} could not be queued: {Cause}")]
    public static partial void NotQueued(ILogger logger, QueueId queueId, string cause);

    [LoggerMessage(7012, LogLevel.Information, "{Files} files that belonged to no queued message were removed")]
    public static partial void Swept(ILogger logger, int files);

    [LoggerMessage(7013, LogLevel.Error, "{QueueId} has lost its file; its recipients are held back")]
    public static partial void FileLost(ILogger logger, QueueId queueId);

    [LoggerMessage(7014, LogLevel.Warning, "The queue cannot be used, and will be tried again: {Cause}")]
    public static partial void QueueUnusable(ILogger logger, string cause);

    [LoggerMessage(7015, LogLevel.Error, "A task of the queue failed")]
    public static partial void TaskFailed(ILogger logger, Exception cause);

    [LoggerMessage(7016, LogLevel.Warning, "What came of {Attempts} attempts could not be written down before the end: they are made again at the next start")]
    public static partial void OutcomesLost(ILogger logger, int attempts);

    [LoggerMessage(7020, LogLevel.Information, "{QueueId} to={Recipient} relay={Relay} delay={Delay:0.##} delays={Delays} dsn={Dsn} status={Status} ({Said})")]
    public static partial void Attempted(
        ILogger logger, QueueId queueId, string recipient, string relay, double delay, AttemptDelays delays, string dsn, string status, string said);

    [LoggerMessage(7021, LogLevel.Information, "{QueueId} removed")]
    public static partial void Removed(ILogger logger, QueueId queueId);

    [LoggerMessage(7022, LogLevel.Information, "{QueueId} is done with, and its sender is not told: {Reason}")]
    public static partial void NoticeDropped(ILogger logger, QueueId queueId, string reason);

    [LoggerMessage(7023, LogLevel.Information, "{QueueId} sender notified: {NoticeId} to=<{Sender}>")]
    public static partial void NoticeMade(ILogger logger, QueueId queueId, QueueId noticeId, string sender);

    [LoggerMessage(7024, LogLevel.Information, "{ConnectionId} asked for the mail of {Name}: {Messages} messages")]
    public static partial void RunAsked(ILogger logger, string connectionId, string name, int messages);

    [LoggerMessage(7031, LogLevel.Warning, "What is kept of interrupted messages cannot be looked at: {Cause}")]
    public static partial void CheckpointsUnusable(ILogger logger, string cause);

    [LoggerMessage(7314, LogLevel.Information, "{Host} was asked about {Recipient}: {Code} {Status}")]
    public static partial void Probed(ILogger logger, ForwardPath recipient, string host, int code, EnhancedStatus status);

    [LoggerMessage(7311, LogLevel.Information, "TLS of {Day} reported to {Domain}: {Place}")]
    public static partial void TlsReportSent(ILogger logger, string domain, DateOnly day, Uri place);

    [LoggerMessage(7312, LogLevel.Information, "TLS of {Day} cannot be reported to {Domain} at {Place}: {Cause}")]
    public static partial void TlsReportNotSent(ILogger logger, string domain, DateOnly day, Uri place, string cause);

    [LoggerMessage(7313, LogLevel.Warning, "{Sessions} sessions with TLS are in no report, for there are too many kinds of them")]
    public static partial void TlsSessionsDropped(ILogger logger, long sessions);

    [LoggerMessage(7301, LogLevel.Information, "the MTA-STS policy of {Domain} cannot be fetched: {Cause}")]
    public static partial void StsFetchFailed(ILogger logger, string domain, string cause);

    [LoggerMessage(7302, LogLevel.Warning, "the MTA-STS policy of {Domain} cannot be kept on the disk: {Cause}")]
    public static partial void StsNotKept(ILogger logger, string domain, string cause);
}
