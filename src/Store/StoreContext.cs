using FullStack.Store.Accounts;
using FullStack.Store.Acl;
using FullStack.Store.Delivery;
using FullStack.Store.Feed;
using FullStack.Store.Index;
using FullStack.Store.Maildir;
using FullStack.Store.Mbox;
using FullStack.Store.Posix;
using FullStack.Store.Quota;
using FullStack.Store.Search;
using Microsoft.Extensions.Logging;

namespace FullStack.Store;

/// <summary>What all accounts of a store share.</summary>
internal sealed class StoreContext
{
    /// <exception cref="ArgumentException">The options name a format of POP3 names that cannot be followed.</exception>
    public StoreContext(StoreOptions options, IMaildirFiles files, TimeProvider time, ILogger log, IQuotaLimits limits)
    {
        (Options, Files, Time, Log, Limits) = (options, files, time, log, limits);
        if (options.UidlFormat.Length > 0 && !UidlFormat.TryParse(options.UidlFormat, out _))
            throw new ArgumentException($"'{options.UidlFormat}' is no format of POP3 names", nameof(options));
        Uidls = UidlFormat.TryParse(options.UidlFormat, out UidlFormat? format) ? format : null;
        UidlFormat.TryParse(UidlFormat.Dovecot, out UidlFormat? usual);
        DovecotUidls = format ?? usual!;
        Sync = new(files, Disk);
        Indexes = new(options.OpenIndexes > 0 ? options.OpenIndexes : OpenIndexes.Affordable());
        Names = new(time, options.HostName);
        Staging = FilePath.Of(Path.Combine(options.Root, ".staging"));
        Usage = new(this);
        Format = options.Format == StoreFormat.Mbox ? new MboxFormat(this) : new MaildirFormat(this);
        Watcher = new(options.Watch, Disk, log);
        SearchTurns = new(Disk);
        Readers = new(time);
        Shares = new(this);
    }

    public StoreOptions Options { get; }
    public IMaildirFiles Files { get; private set; }
    public TimeProvider Time { get; }
    public ILogger Log { get; }
    public DiskThreads Disk { get; } = new();
    public DirectorySync Sync { get; }
    public UniqueNames Names { get; }

    /// <summary>Which databases are open.</summary>
    public OpenIndexes Indexes { get; }
    public MaildirWatcher Watcher { get; }

    /// <summary>How much accounts and domains may keep.</summary>
    public IQuotaLimits Limits { get; }

    /// <summary>How much they keep.</summary>
    public UsageBook Usage { get; }

    /// <summary>How mail lies on the disk.</summary>
    public IMailFormat Format { get; }

    /// <summary>How POP3 names are made; null: of the names of files.</summary>
    public UidlFormat? Uidls { get; }

    /// <summary>How UIDLs of mailboxes that Dovecot had are spelt.</summary>
    public UidlFormat DovecotUidls { get; }

    /// <summary>Which accounts let others see mailboxes.</summary>
    public ShareRegister Shares { get; }

    /// <summary>What lets searches share processors and disk.</summary>
    public SearchTurns SearchTurns { get; }

    /// <summary>Whether clients are reading messages.</summary>
    public Mailboxes.ReadersAtWork Readers { get; }

    /// <summary>What messages on their way in may have of memory together.</summary>
    public StagingMemory StagingMemory { get; } = new();

    /// <summary>Folder on the store's own file system for what is not yet, or no longer, part of an account.</summary>
    public FilePath Staging { get; }

    /// <summary>The same store, with files opened in another way.</summary>
    public StoreContext With(IMaildirFiles files)
    {
        StoreContext other = (StoreContext)MemberwiseClone();
        other.Files = files;
        return other;
    }

    /// <summary>What a failed file operation is to those above.</summary>
    public StoreError Fail(string operation, FilePath path, FileError error)
    {
        if (error is FileError.NotFound)
            return PutOff(operation, path, "it is not there any more");
        StoreLog.FileFailed(Log, operation, path.ToString(), error.ToString());
        return error switch
        {
            FileError.NoSpace => StoreError.NoSpace,
            FileError.Locked => StoreError.InUse,
            _ => StoreError.Unavailable,
        };
    }

    /// <summary>Why something about a mailbox is put off that came to it too late.</summary>
    public const string Closed = "the mailbox was closed meanwhile";

    /// <summary>What something that cannot be done just now is to those above, who are not told why: the log is.</summary>
    public StoreError PutOff(string operation, FilePath path, string cause)
    {
        StoreLog.PutOff(Log, operation, path.ToString(), cause);
        return StoreError.Unavailable;
    }
}
