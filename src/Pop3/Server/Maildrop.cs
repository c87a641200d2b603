using FullStack.Store;
using FullStack.Store.Accounts;
using FullStack.Store.Feed;
using FullStack.Store.Mailboxes;

namespace FullStack.Pop3.Server;

/// <summary>One account's mail as it was at the login, mostly its INBOX, held alone among POP3 sessions unless options say otherwise.</summary>
/// <remarks>
/// RFC 1939 §4 and §5: numbers and sizes stay for the whole session, whatever arrives or is expunged meanwhile. Marks are
/// kept here and reach the mailbox in <see cref="UpdateAsync"/> only: a session that breaks off changes nothing.
/// Messages that IMAP marked \Deleted are listed: POP3 has no notion of them, and hiding mail would be worse.
/// </remarks>
internal sealed class Maildrop : IDisposable
{
    private readonly AccountLease _lease;
    private readonly IDisposable? _lock;
    private readonly MaildropOptions _options;
    private readonly IReadOnlyList<MaildropFolder> _folders;
    private readonly MaildropEntry[] _entries;
    private readonly Marks[] _marks;
    private readonly ReadAhead _ahead = new();

    private Maildrop(AccountLease lease, IDisposable? hold, MaildropOptions options, IReadOnlyList<MaildropFolder> folders, bool isAscii)
    {
        (_lease, _lock, _options, _folders) = (lease, hold, options, folders);
        List<MaildropEntry> entries = new(folders.Sum(static folder => folder.View.Count));
        for (int folder = 0; folder < folders.Count; folder++)
            folders[folder].List(entries, folder, onlyUnread: options.Messages != Pop3Messages.All, isAscii);
        _entries = [.. entries];
        _marks = new Marks[_entries.Length];
        (Count, TotalOctets) = (_entries.Length, _entries.Sum(static entry => entry.SentOctets));
    }

    [Flags]
    private enum Marks : byte
    {
        None = 0,
        Deleted = 1,
        Retrieved = 2,
    }

    /// <summary>Messages not marked as deleted.</summary>
    public int Count { get; private set; }

    /// <summary>Their octets on the wire.</summary>
    public long TotalOctets { get; private set; }

    /// <summary>Takes the maildrop of an account.</summary>
    /// <param name="store">Where the account is.</param>
    /// <param name="account">The account.</param>
    /// <param name="options">What it looks like, where the account itself says nothing else.</param>
    /// <param name="isAscii">Whether the client gets headers in ASCII only, which counts for sizes.</param>
    /// <param name="ct">Ends the opening.</param>
    /// <returns><see cref="StoreError.InUse"/> where another session has it.</returns>
    public static async ValueTask<Result<Maildrop>> OpenAsync(MailStore store, AccountName account, MaildropOptions options, bool isAscii, CancellationToken ct)
    {
        Result<AccountLease> opened = await store.OpenAccountAsync(account, ct);
        if (!opened.Ok)
            return opened.Failure;
        AccountLease lease = opened.Value;
        IDisposable? hold = null;
        List<MaildropFolder>? folders = [];
        try
        {
            options = await AccountChoices.ReadAsync(lease.Account, options, ct);
            hold = lease.Account.TryLockMaildrop();
            if (hold is null && options.Exclusive)
                return StoreError.InUse;
            foreach (MailboxName name in await MailboxesAsync(lease.Account, options, ct))
            {
                Result<MaildropFolder> folder = await MaildropFolder.OpenAsync(lease.Account, name, ct);
                if (folder.Ok)
                    folders.Add(folder.Value);
                else if (folder.Error != StoreError.NotFound || name.IsInbox)
                    return folder.Failure;
            }

            Maildrop maildrop = new(lease, hold, options, folders, isAscii);
            (lease, hold, folders) = (null!, null, null); // the maildrop has them now
            return maildrop;
        }
        finally
        {
            folders?.ForEach(static folder => folder.Dispose());
            hold?.Dispose();
            lease?.Dispose();
        }
    }

    /// <summary>Finds a message by its number, unless it is marked as deleted.</summary>
    public bool TryGet(int number, out MaildropEntry entry)
    {
        bool found = number >= 1 && number <= _entries.Length && (_marks[number - 1] & Marks.Deleted) == 0;
        entry = found ? _entries[number - 1] : default;
        return found;
    }

    /// <summary>Messages not marked as deleted, in order.</summary>
    public IEnumerable<MaildropEntry> Entries => _entries.Where((_, i) => (_marks[i] & Marks.Deleted) == 0);

    /// <summary>The message's unique-id (RFC 1939 §7).</summary>
    public string UidlOf(MaildropEntry entry) => _folders[entry.Folder].UidlOf(entry.Uid);

    /// <summary>Opens a message to be sent whole or in part.</summary>
    /// <returns><see cref="StoreError.NotFound"/> where it was expunged meanwhile.</returns>
    public async ValueTask<Result<MessageContent>> OpenMessageAsync(MaildropEntry entry, CancellationToken ct)
    {
        MailboxView view = _folders[entry.Folder].View;
        if (await _ahead.TakeAsync(entry.Number) is { } read)
        {
            if (_ahead.TryReadOn(out int next, out int further) && NextUids(next, further, entry.Folder) is { Count: > 0 } coming)
                _ahead.Expect(view.OpenMessagesAsync(coming, CancellationToken.None)); // whoever clears what was read waits for it
            if (view.Has(entry.Uid))
                return read;
            read.Dispose();
            return StoreError.NotFound;
        }

        List<Uid> uids = NextUids(entry.Number, _ahead.Window(entry.Number), entry.Folder);
        if (uids.Count < 2)
            return await view.OpenMessageAsync(entry.Uid, ct);
        MessageContent?[] contents = await view.OpenMessagesAsync(uids, ct);
        _ahead.Put(entry.Number + 1, contents.AsSpan(1));
        return contents[0] is { } first ? first : await view.OpenMessageAsync(entry.Uid, ct); // which says why
    }

    /// <summary>The form of an opened message that has no UTF-8 in its headers; null where it has none anyway.</summary>
    public ValueTask<SurrogateMessage?> SurrogateOfAsync(MaildropEntry entry, MessageContent content, CancellationToken ct)
        => _folders[entry.Folder].SurrogateOfAsync(entry.Uid, content, ct);

    public void MarkRetrieved(MaildropEntry entry) => _marks[entry.Number - 1] |= Marks.Retrieved;

    public void MarkDeleted(MaildropEntry entry)
    {
        _marks[entry.Number - 1] |= Marks.Deleted;
        Count--;
        TotalOctets -= entry.SentOctets;
    }

    /// <summary>Takes all deletion marks back.</summary>
    public void Unmark()
    {
        for (int i = 0; i < _marks.Length; i++)
            _marks[i] &= ~Marks.Deleted;
        (Count, TotalOctets) = (_entries.Length, _entries.Sum(static entry => entry.SentOctets));
    }

    /// <summary>The UPDATE state (RFC 1939 §6): does away with what is marked, and gives \Seen to what else was retrieved whole.</summary>
    /// <remarks>\Seen in one change at the end, as other servers do: a download of ten thousand messages is no ten thousand renames.</remarks>
    /// <param name="dropRetrieved">What was retrieved goes as if it were marked (RFC 2449 §6.7, EXPIRE 0).</param>
    /// <param name="ct">Ends the wait for the mailbox.</param>
    /// <returns>How many messages it did away with; an error where some of those marked may still be there.</returns>
    public async ValueTask<Result<int>> UpdateAsync(bool dropRetrieved, CancellationToken ct)
    {
        int removed = 0;
        for (int folder = 0; folder < _folders.Count; folder++)
        {
            UidSet deleted = UidsWith(folder, marks => marks.HasFlag(Marks.Deleted) || (dropRetrieved && marks.HasFlag(Marks.Retrieved)), ref removed);
            if (deleted.IsEmpty)
                continue;
            StoreError error = await _folders[folder].DeleteAsync(_lease.Account, deleted, _options.Deletion, ct);
            if (error != StoreError.None)
                return error;
        }

        int retrieved = 0;
        for (int folder = 0; folder < _folders.Count && _options.MarkSeen && !dropRetrieved; folder++)
        {
            UidSet seen = UidsWith(folder, static marks => marks == Marks.Retrieved, ref retrieved);
            if (!seen.IsEmpty) // A flag that does not stick loses nothing.
                await _folders[folder].View.StoreFlagsAsync(seen, new(FlagOperation.Add, new(SystemFlags.Seen, [])), unchangedSince: null, silent: true, ct);
        }

        return removed;
    }

    public void Dispose()
    {
        _ahead.Clear();
        foreach (MaildropFolder folder in _folders)
            folder.Dispose();
        _lock?.Dispose();
        _lease.Dispose();
    }

    /// <summary>As many messages from one on as are to be read together: of one folder, and not too large.</summary>
    private List<Uid> NextUids(int number, int count, int folder)
    {
        List<Uid> uids = [];
        long octets = 0;
        foreach (MaildropEntry next in _entries.AsSpan(number - 1, Math.Min(count, _entries.Length - number + 1)))
        {
            if (next.Folder != folder || (octets += next.SentOctets) > ReadAhead.MaxOctets || next.SentOctets < 0)
                break;
            uids.Add(next.Uid);
        }

        return uids;
    }

    private UidSet UidsWith(int folder, Func<Marks, bool> condition, ref int count)
    {
        List<uint> uids = [];
        for (int i = 0; i < _entries.Length; i++)
        {
            if (_entries[i].Folder == folder && condition(_marks[i]))
                uids.Add(_entries[i].Uid.Value);
        }

        count += uids.Count;
        return new(NumberRanges.From(uids));
    }

    private static async ValueTask<IReadOnlyList<MailboxName>> MailboxesAsync(Account account, MaildropOptions options, CancellationToken ct)
    {
        IReadOnlyList<MailboxInfo> all = options is { Messages: not Pop3Messages.UnreadEverywhere, Mailbox: "INBOX" } ? [] : await account.ListAsync(ct);
        if (options.Messages == Pop3Messages.UnreadEverywhere)
            return [.. all.Where(static info => info is { Exists: true, SpecialUse: SpecialUse.None or SpecialUse.Archive }).Select(static info => info.Name)];
        bool has = MailboxName.TryParse(options.Mailbox, out MailboxName? name) && all.Any(info => info.Exists && info.Name == name);
        return [has ? name! : MailboxName.Inbox];
    }
}
