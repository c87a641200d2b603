using System.Diagnostics.CodeAnalysis;
using FullStack.Store.Accounts;
using FullStack.Store.Maildir;
using FullStack.Store.Mailboxes;
using FullStack.Store.Posix;
using FullStack.Store.Quota;
using FullStack.Store.Takeover;
using Microsoft.Win32.SafeHandles;

namespace FullStack.Store.Mbox;

/// <summary>
/// Where an account's mboxes lie: INBOX at the place that <see cref="StoreOptions.MboxInbox"/> names, else at <c>inbox</c> in
/// the account's directory; each other mailbox as a file in <c>mail</c> there, named as Maildir++ names its folders but
/// without the dot before; what this server keeps beside them in <c>mbox</c>.
/// </summary>
internal sealed class MboxHome : IMailHome
{
    /// <summary>Ends the names of lock files, so no mailbox's file has it: the last letter is written as a group of modified UTF-7.</summary>
    private const string LockSuffix = ".lock", LockSuffixEncoded = ".loc&AGs-";

    private readonly StoreContext _store;
    private readonly FilePath _inbox;
    private readonly FilePath _side;

    public MboxHome(StoreContext store, AccountName name, string directory)
    {
        _store = store;
        Path = FilePath.Of(System.IO.Path.Combine(directory, "mail"));
        _side = FilePath.Of(System.IO.Path.Combine(directory, "mbox"));
        _inbox = FilePath.Of(store.Options.MboxInbox.Length == 0 ? System.IO.Path.Combine(directory, "inbox") : InboxTemplate.Expand(store.Options.MboxInbox, name));
    }

    public FilePath Path { get; }

    public FilePath Stage(string purpose) => _store.Staging.Child($"{purpose}-{_store.Names.NextTemporary()}");

    public void Tidy()
    {
        // The store's next start does.
    }

    public IUsageFile? UsageFile => null;

    public FileError Make()
    {
        foreach (FilePath directory in (FilePath[])[Path, _side])
        {
            FileError made = _store.Files.MakeDirectory(directory);
            if (made is not (FileError.None or FileError.Exists))
                return made;
        }

        return Find(_inbox) switch
        {
            FileError.None => FileError.None,
            FileError.NotFound => MakeInbox(),
            FileError other => other,
        };
    }

    public string? EntryOf(MailboxName name)
    {
        if (name.IsInbox)
            return "";
        string entry = FolderNames.Encode(name.Text)![1..];
        return entry.EndsWith(LockSuffix, StringComparison.Ordinal) ? string.Concat(entry.AsSpan(0, entry.Length - LockSuffix.Length), LockSuffixEncoded) : entry;
    }

    public bool TryDecode(ReadOnlySpan<byte> entry, [NotNullWhen(true)] out MailboxName? name)
    {
        name = null;
        return !entry.IsEmpty && entry[0] != '.' && !entry.EndsWith(".lock"u8) && FolderNames.TryDecode([(byte)'.', .. entry], out name);
    }

    public FilePath Locate(string entry) => entry.Length == 0 ? _inbox : Path.Child(entry);

    public FileError Find(FilePath path)
    {
        FileError found = _store.Files.Stat(path, out FileFacts facts);
        return found == FileError.None && !facts.IsFile ? FileError.NotFound : found;
    }

    public FileError MakeMailbox(FilePath path)
    {
        FileError made = _store.Files.Create(path, out SafeFileHandle? file);
        if (made != FileError.None)
            return made;
        using (file)
            made = _store.Files.Sync(file!);
        if (made != FileError.None)
            _store.Files.Unlink(path);
        return made;
    }

    public FileError RemoveMailbox(FilePath path) => _store.Files.Unlink(path) is var removed and not FileError.NotFound ? removed : FileError.None;

    public void Carry(string from, string to)
    {
        Forget(to);
        _store.Files.Rename(SideOf(from).Directory, SideOf(to).Directory);
    }

    public void Forget(string entry) => MaildirFolder.RemoveTree(_store.Files, SideOf(entry).Directory);

    public IMailboxFolder Open(string entry) => new MboxMailbox(_store, this, new MboxFile(_store, SideOf(entry), Locate(entry)), isInbox: entry.Length == 0);

    /// <summary>The place of what is kept beside a mailbox.</summary>
    public MboxSide SideOf(string entry) => new(_side.Child(MboxSide.NameOf(entry)));

    /// <summary>A list of our own comes before all; without it the numbers that stand in the first message are those of a former server.</summary>
    public FormerTraces FindTraces(string entry)
    {
        FormerTraces own = FormerTraces.Find(_store, SideOf(entry).Directory, isInbox: false);
        if (own.Any)
            return own;
        FileError opened = _store.Files.OpenRead(Locate(entry), out SafeFileHandle? file, out FileFacts facts);
        if (opened != FileError.None)
            return opened == FileError.NotFound ? default : throw new IOException($"cannot read {Locate(entry)}: {opened}");
        using (file)
            return MboxScan.First(_store.Files, file!, facts) is { } numbers ? new(Any: true, numbers.UidValidity) : default;
    }

    public FormerAccount ReadFormer() => FormerAccount.Read(_store, Path);

    /// <summary>Makes the INBOX where there is none.</summary>
    public FileError MakeInbox()
    {
        FileError made = MakeMailbox(_inbox);
        if (made == FileError.None)
            made = _store.Files.SyncDirectory(_inbox.Directory);
        return made == FileError.Exists ? FileError.None : made;
    }
}
