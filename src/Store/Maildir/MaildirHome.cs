using System.Diagnostics.CodeAnalysis;
using FullStack.Store.Accounts;
using FullStack.Store.Mailboxes;
using FullStack.Store.Places;
using FullStack.Store.Posix;
using FullStack.Store.Quota;
using FullStack.Store.Takeover;

namespace FullStack.Store.Maildir;

/// <summary>An account's Maildir: INBOX itself, and the directories of all other mailboxes in it, each with a dot before its name.</summary>
internal sealed class MaildirHome(StoreContext store, AccountPlace place) : IMailHome
{
    /// <summary>What names in tmp/ begin with that are mailboxes. Programs that clean it leave directories alone.</summary>
    private const string StagedPrefix = "fullstack-";

    public FilePath Path { get; } = FilePath.Of(place.Maildir);

    public FilePath Stage(string purpose)
    {
        string name = $"{purpose}-{store.Names.NextTemporary()}";
        return place.IsInHome ? Path.Child("tmp"u8).Child(StagedPrefix + name) : store.Staging.Child(name);
    }

    public void Tidy()
    {
        if (!place.IsInHome)
            return; // The store's next start does.
        FilePath tmp = Path.Child("tmp"u8);
        List<byte[]> left = [];
        store.Files.List(tmp, name =>
        {
            if (name.StartsWith(System.Text.Encoding.ASCII.GetBytes(StagedPrefix)))
                left.Add(name.ToArray());
        });
        foreach (byte[] name in left)
            MaildirFolder.RemoveTree(store.Files, tmp.Child(name));
    }

    public FileError Make() => new MaildirFolder(Path).Make(store.Files, marker: false);

    public string? EntryOf(MailboxName name) => name.IsInbox ? "" : FolderNames.Encode(name.Text);

    public bool TryDecode(ReadOnlySpan<byte> entry, [NotNullWhen(true)] out MailboxName? name) => FolderNames.TryDecode(entry, out name);

    public FilePath Locate(string entry) => entry.Length == 0 ? Path : Path.Child(entry);

    public FileError Find(FilePath path)
    {
        FileError found = store.Files.Stat(new MaildirFolder(path).Cur, out FileFacts facts);
        return found == FileError.None && !facts.IsDirectory ? FileError.NotFound : found;
    }

    public FileError MakeMailbox(FilePath path) => new MaildirFolder(path).Make(store.Files, marker: true);

    public FileError RemoveMailbox(FilePath path) => MaildirFolder.RemoveTree(store.Files, path);

    public void Carry(string from, string to)
    {
        // All is in the folder.
    }

    public void Forget(string entry)
    {
    }

    public IMailboxFolder Open(string entry) => new MaildirMailbox(store, new MaildirFolder(Locate(entry)), isInbox: entry.Length == 0);

    public FormerTraces FindTraces(string entry) => FormerTraces.Find(store, Locate(entry), isInbox: entry.Length == 0);

    public IUsageFile? UsageFile => new MaildirSizeFile(store, Path);

    public FormerAccount ReadFormer() => FormerAccount.Read(store, Path);
}
