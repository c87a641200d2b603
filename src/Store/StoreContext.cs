using FullStack.Store.Feed;
using FullStack.Store.Maildir;
using FullStack.Store.Posix;
using FullStack.Store.Takeover;
using Microsoft.Extensions.Logging;

namespace FullStack.Store;

/// <summary>What all accounts of a store share.</summary>
internal sealed record StoreContext(
    StoreOptions Options, IMaildirFiles Files, DiskThreads Disk, DirectorySync Sync, UniqueNames Names, TimeProvider Time)
{
    public required ILogger Log { get; init; }

    public required MaildirWatcher Watcher { get; init; }

    /// <summary>How UIDLs of mailboxes that Dovecot had are spelt.</summary>
    public DovecotUidlFormat DovecotUidls { get; } = DovecotUidlFormat.TryParse(Options.DovecotUidlFormat, out DovecotUidlFormat? format)
        ? format : throw new ArgumentException($"'{Options.DovecotUidlFormat}' is no pop3_uidl_format that can be taken over", nameof(Options));

    /// <summary>Folder on the store's own file system for what is not yet, or no longer, part of an account.</summary>
    public FilePath Staging { get; } = FilePath.Of(Path.Combine(Options.Root, ".staging"));

    /// <summary>What a failed file operation is to those above.</summary>
    public StoreError Fail(string operation, FilePath path, FileError error)
    {
        if (error is not FileError.NotFound)
            StoreLog.FileFailed(Log, operation, path.ToString(), error.ToString());
        return error == FileError.NoSpace ? StoreError.NoSpace : StoreError.Unavailable;
    }
}
