using System.Text;
using FullStack.Store.Accounts;
using FullStack.Store.Maildir;
using FullStack.Store.Mailboxes;
using FullStack.Store.Places;
using FullStack.Store.Posix;
using Microsoft.Win32.SafeHandles;

namespace FullStack.Store.Import;

/// <summary>
/// Brings Maildirs of a former server into the store, where each mailbox is then taken over as if its owner had opened it
/// (<see cref="Takeover"/>): no client downloads again. May be interrupted anywhere and run again.
/// </summary>
/// <remarks>
/// What a kill leaves of one account; S is the source, P the folder <c>Maildir.importing</c> in the account's directory, M its Maildir.
/// <list type="bullet">
/// <item>S and a part of P: run again, what is in P already is not taken twice, whatever flags it got meanwhile.</item>
/// <item>S and P, whole and synced, and an M that nothing was put into: the same, M goes.</item>
/// <item>S and P, no M: the same, P becomes M.</item>
/// <item>S and M, which has a note that names S: it is done but for the taking over of some mailboxes, which goes on.</item>
/// </list>
/// When messages are moved, each is in S or in P at any time; S keeps its lists.
/// </remarks>
public sealed class MailImport
{
    /// <summary>The file that names the source of an imported Maildir.</summary>
    private const string Note = "fullstack-imported";

    private const string Staged = "Maildir.importing";

    private readonly StoreOptions _options;
    private readonly IMaildirFiles _files;
    private readonly ImportFormat _format;
    private readonly bool _move;

    /// <param name="options">Of the store that gets the mail.</param>
    /// <param name="format">Whose lists are believed.</param>
    /// <param name="move">Whether messages leave the source; else they are hard links of it where that can be, or copies.</param>
    public MailImport(StoreOptions options, ImportFormat format, bool move)
        : this(options, format, move, new PosixFiles(options.Sync))
    {
    }

    internal MailImport(StoreOptions options, ImportFormat format, bool move, IMaildirFiles files)
        => (_options, _format, _move, _files) = (options, format, move, files);

    /// <summary>Looks at one account's source and at the place it would go to; changes nothing, needs no lock. Blocks.</summary>
    /// <param name="account">Who gets the mail.</param>
    /// <param name="source">Their former Maildir.</param>
    public ImportPlan Plan(AccountName account, string source)
    {
        source = Path.TrimEndingDirectorySeparator(Path.GetFullPath(source));
        string place = PlaceOf(account);
        ImportState state = Examine(source, place);
        string read = state == ImportState.Imported ? Path.Combine(place, "Maildir") : source;
        ImportPlan plan = new SourceReader(_files, _format).Read(account, read, Path.Combine(place, Staged), state);
        return new(plan.Report with
        {
            Source = source,
            Left = state == ImportState.Occupied
                ? [$"{account} has mail here already: nothing was imported, since it would have to get new UIDs", .. plan.Report.Left]
                : plan.Report.Left,
        }, plan.State, plan.Folders);
    }

    /// <summary>Does what a plan says. The store must be that of the options; nobody else may use the account meanwhile.</summary>
    /// <param name="store">Gets the mail.</param>
    /// <param name="plan">What to do.</param>
    /// <param name="progress">Is told of messages done, more and more.</param>
    /// <param name="ct">Ends it between two messages.</param>
    /// <exception cref="IOException">The disk is full or failing.</exception>
    public async Task<ImportReport> RunAsync(MailStore store, ImportPlan plan, IProgress<int> progress, CancellationToken ct)
    {
        ImportReport report = plan.Report;
        if (plan.State is ImportState.Occupied or ImportState.NoSource)
            return report;
        if (store.Context.Format is not MaildirFormat)
            return report with { Outcome = ImportOutcome.Refused, Left = ["this store does not keep Maildirs", .. report.Left] };

        // Two sources of one account: the second would put the first away.
        if (Examine(report.Source, PlaceOf(report.Account)) != plan.State)
            return report with { Outcome = ImportOutcome.Refused, Left = [$"{report.Account} has mail here since this was planned", .. report.Left] };
        if (plan.State == ImportState.Free)
            await store.Context.Disk.RunAsync(() => Bring(plan, progress, ct), CancellationToken.None);
        progress.Report(report.Messages);
        List<string> problems = await TakeOverAsync(store, plan, ct);
        GiveToOwner(report.Account);
        return report with
        {
            Outcome = plan.State switch { ImportState.InPlace => ImportOutcome.InPlace, ImportState.Imported => ImportOutcome.Before, _ => ImportOutcome.Imported },
            Left = [.. report.Left, .. problems],
        };
    }

    private string PlaceOf(AccountName account) => AccountFolders.Locate(Path.GetFullPath(_options.Root), account);

    private ImportState Examine(string source, string place)
    {
        FilePath maildir = FilePath.Of(Path.Combine(place, "Maildir"));
        FilePath from = FilePath.Of(source);
        FileError found = _files.Stat(from.Child("cur"), out FileFacts facts);
        if (found != FileError.None || !facts.IsDirectory)
            return ImportState.NoSource;
        if (_files.Stat(maildir.Child("cur"), out FileFacts own) == FileError.None && own == facts)
            return ImportState.InPlace;
        FileError noted = ReadNote(maildir, out string? before);
        if (noted == FileError.None && before == source)
            return ImportState.Imported;
        return MaildirContents.IsUnused(_files, maildir) ? ImportState.Free : ImportState.Occupied;
    }

    private FileError ReadNote(FilePath maildir, out string? source)
    {
        source = null;
        FileError opened = _files.OpenRead(maildir.Child(Note), out SafeFileHandle? file, out FileFacts facts);
        if (opened != FileError.None)
            return opened;
        byte[] text = new byte[Math.Min(facts.Octets, 8192)];
        using (file)
        {
            FileError read = _files.Read(file!, text, 0, out int count);
            source = read == FileError.None ? Encoding.UTF8.GetString(text.AsSpan(0, count)).TrimEnd('\n') : null;
            return read;
        }
    }

    /// <summary>From S to M.</summary>
    private Nothing Bring(ImportPlan plan, IProgress<int> progress, CancellationToken ct)
    {
        string place = PlaceOf(plan.Report.Account);
        Require(MaildirFolder.MakeTree(_files, place), place);
        FilePath directory = FilePath.Of(place), staged = directory.Child(Staged), maildir = directory.Child("Maildir");
        Require(OwnedFiles.Look(FilePath.Of(_options.Root), out OwnedFile owner), _options.Root);
        new FolderCopier(_files, new SourceFiles(_format), owner.User, _move, ct).Copy(plan, FilePath.Of(plan.Report.Source), staged, progress);

        byte[] note = Encoding.UTF8.GetBytes(plan.Report.Source + "\n");
        FilePath noteFile = staged.Child(Note);
        _files.Unlink(noteFile);
        Require(Delivery.FileCopy.Make(_files, noteFile, null, file => _files.Write(file, note, 0)), Note);
        Require(_files.SyncDirectory(staged), Staged);

        // A first login made an empty Maildir here, or an index of one.
        Require(MaildirContents.RemoveUnused(_files, place, maildir), maildir.ToString());
        Require(_files.Rename(staged, maildir), maildir.ToString());
        Require(_files.SyncDirectory(directory), place);
        return default;
    }

    /// <summary>Opens each mailbox once, which takes it over.</summary>
    private static async Task<List<string>> TakeOverAsync(MailStore store, ImportPlan plan, CancellationToken ct)
    {
        List<string> problems = [];
        Result<AccountLease> opened = await store.OpenAccountAsync(plan.Report.Account, ct);
        if (!opened.Ok)
            throw new IOException($"{plan.Report.Account} cannot be opened: {opened.Error}");
        using AccountLease lease = opened.Value;
        foreach (ImportFolder folder in plan.Folders)
        {
            Result<MailboxStatus> status = await lease.Account.StatusAsync(folder.Name, ct);
            if (!status.Ok)
                problems.Add($"{folder.Name}: cannot be opened: {status.Error}");
            else if (plan.State == ImportState.Free && status.Value.Messages != folder.Messages)
                problems.Add($"{folder.Name}: has {status.Value.Messages} messages, not {folder.Messages}");
        }

        return problems;
    }

    /// <summary>Root leaves nothing of its own to the server's user.</summary>
    private void GiveToOwner(AccountName account)
    {
        if (Environment.UserName != "root" || OwnedFiles.Look(FilePath.Of(_options.Root), out OwnedFile owner) != FileError.None)
            return;
        string place = PlaceOf(account);
        Require(OwnedFiles.SetOwnerOfTree(_files, FilePath.Of(place), owner), place);
        Require(OwnedFiles.SetOwner(FilePath.Of(Path.GetDirectoryName(place)!), owner), place);
    }

    private static void Require(FileError error, string path)
    {
        if (error != FileError.None)
            throw new IOException($"{path}: {error}");
    }
}
