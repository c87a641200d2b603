using Microsoft.Extensions.Logging;

namespace FullStack.Store;

/// <summary>All log messages of the store: 5000 to 5999.</summary>
internal static partial class StoreLog
{
    [LoggerMessage(5001, LogLevel.Warning, "Index {Path} could not be written, will be tried again: {Reason}")]
    public static partial void IndexWriteFailed(ILogger logger, string path, string reason);

    [LoggerMessage(5002, LogLevel.Warning, "Index {Path} is damaged ({Reason}); set aside as {Aside} and made anew")]
    public static partial void IndexSetAside(ILogger logger, string path, string aside, string reason);

    [LoggerMessage(5003, LogLevel.Warning, "Mailbox folder {Path} cannot be read: {Error}")]
    public static partial void FolderUnreadable(ILogger logger, string path, string error);

    [LoggerMessage(5004, LogLevel.Warning, "Folders {First} and {Second} hold mailboxes of the same name; the second is left out")]
    public static partial void SameName(ILogger logger, string first, string second);

    [LoggerMessage(5005, LogLevel.Warning, "No more directories can be watched (fs.inotify.max_user_watches); {Path} is polled")]
    public static partial void WatchLimit(ILogger logger, string path);

    [LoggerMessage(5006, LogLevel.Error, "A background task of the store failed")]
    public static partial void BackgroundFailed(ILogger logger, Exception cause);

    [LoggerMessage(5016, LogLevel.Information, "{Operation} in {Path} is put off: {Cause}")]
    public static partial void PutOff(ILogger logger, string operation, string path, string cause);

    [LoggerMessage(5007, LogLevel.Warning, "{Operation} in {Path} failed: {Error}")]
    public static partial void FileFailed(ILogger logger, string operation, string path, string error);

    [LoggerMessage(5008, LogLevel.Debug, "Account {Account} opened")]
    public static partial void AccountOpened(ILogger logger, string account);

    [LoggerMessage(5009, LogLevel.Debug, "Account {Account} closed")]
    public static partial void AccountClosed(ILogger logger, string account);

    [LoggerMessage(5010, LogLevel.Warning, "Index of {Account} cannot be used: {Reason}")]
    public static partial void IndexUnusable(ILogger logger, string account, string reason);

    [LoggerMessage(5011, LogLevel.Information, "Index of {Path} made anew from its list of UIDs: {Messages} messages, UIDVALIDITY {UidValidity}, UIDNEXT {UidNext}; {Damaged} lines were damaged")]
    public static partial void IndexMadeAnew(ILogger logger, string path, int messages, uint uidValidity, uint uidNext, int damaged);

    [LoggerMessage(5012, LogLevel.Warning, "List of UIDs {Path} cannot be understood; set aside as {Aside}")]
    public static partial void UidListSetAside(ILogger logger, string path, string aside);

    [LoggerMessage(5013, LogLevel.Information, "{Path} was copied or came from a backup: UIDs go on at {UidNext}, not at {Former}")]
    public static partial void UidsSkipped(ILogger logger, string path, uint former, uint uidNext);

    [LoggerMessage(5014, LogLevel.Warning, "{Path} could not be closed in order: {Reason}")]
    public static partial void NotClosed(ILogger logger, string path, string reason);

    [LoggerMessage(5030, LogLevel.Warning, "{Path}, which remembers what accounts keep, cannot be used: {Reason}; they will be counted again")]
    public static partial void UsageFileFailed(ILogger logger, string path, string reason);

    [LoggerMessage(5031, LogLevel.Warning, "The quota of {Account} cannot be looked at: {Reason}")]
    public static partial void UsageUnknown(ILogger logger, string account, string reason);

    [LoggerMessage(5015, LogLevel.Warning, "{Path} is damaged; set aside as {Aside}, and what can be read of it is used")]
    public static partial void AccountFileSetAside(ILogger logger, string path, string aside);

    [LoggerMessage(5020, LogLevel.Information, "Folder {Path} taken over from {Server}: {Messages} messages, UIDVALIDITY {UidValidity}; {Listed} kept their UIDs, {Uidls} their UIDLs")]
    public static partial void TookOver(ILogger logger, string path, string server, int messages, uint uidValidity, int listed, int uidls);

    [LoggerMessage(5021, LogLevel.Warning, "{File} in {Path} cannot be understood and is not taken over; the messages get new numbers and clients will download again")]
    public static partial void TakeoverDamaged(ILogger logger, string path, string file);

    [LoggerMessage(5022, LogLevel.Information, "{Count} subscriptions in {Path} taken over from {Server}")]
    public static partial void TookSubscriptions(ILogger logger, int count, string path, string server);

    [LoggerMessage(5023, LogLevel.Warning, "The access list of {Path} is not understood in full ({File}); what is not understood gives no rights")]
    public static partial void AclDamaged(ILogger logger, string path, string file);

    [LoggerMessage(5050, LogLevel.Warning, "{Path} is no mbox: it does not begin with a From_ line. Nothing is read from it or written to it")]
    public static partial void NoMbox(ILogger logger, string path);

    [LoggerMessage(5051, LogLevel.Debug, "No lock file {Path} can be made ({Error}); the fcntl lock alone is used")]
    public static partial void NoDotLock(ILogger logger, string path, string error);

    [LoggerMessage(5052, LogLevel.Information, "A message that was not acknowledged is taken out of {Path}: octets {Offset} to {End}")]
    public static partial void AppendUndone(ILogger logger, string path, long offset, long end);

    [LoggerMessage(5053, LogLevel.Warning, "{Path} is not what it was when a message was being appended at octet {Offset}: another program changed it, and it is left as it is")]
    public static partial void AppendUnknown(ILogger logger, string path, long offset);

    [LoggerMessage(5054, LogLevel.Warning, "{Count} messages that were refused cannot be taken out of {Path} now ({Error}); they are hidden, and it is tried again")]
    public static partial void NotWithdrawn(ILogger logger, string path, int count, string error);

    [LoggerMessage(5060, LogLevel.Warning, "The mail of {Account} cannot be used: {Reason}")]
    public static partial void PlaceRefused(ILogger logger, string account, string reason);

    [LoggerMessage(5061, LogLevel.Information, "The Maildir of {Account} was moved from {From} to {To} by somebody else, as its directory says; it is used there from now on")]
    public static partial void PlaceFollowed(ILogger logger, string account, string from, string to);

    [LoggerMessage(5070, LogLevel.Warning, "Text index {Path} is damaged, or was made by another version ({Reason}); deleted, and made anew behind: searches read messages until then")]
    public static partial void TextIndexDropped(ILogger logger, string path, string reason);

    [LoggerMessage(5071, LogLevel.Warning, "Texts could not be indexed, will be tried again with the next change: {Reason}")]
    public static partial void TextIndexUnwritten(ILogger logger, string reason);

    [LoggerMessage(5072, LogLevel.Information, "The text index of {Path} has reached search.size_limit: searches read the messages that are not in it")]
    public static partial void TextIndexFull(ILogger logger, string path);
}
