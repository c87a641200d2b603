using System.Globalization;
using FullStack.Store;
using FullStack.Store.Accounts;
using FullStack.Store.Feed;
using FullStack.Store.Mailboxes;

namespace FullStack.Pop3.Server;

/// <summary>One account's INBOX as it was at the login, held alone among POP3 sessions.</summary>
/// <remarks>
/// RFC 1939 §4 and §5: numbers and sizes stay for the whole session, whatever arrives or is expunged meanwhile. Marks are
/// kept here and reach the mailbox in <see cref="UpdateAsync"/> only: a session that breaks off changes nothing.
/// Messages that IMAP marked \Deleted are listed: POP3 has no notion of them, and hiding mail would be worse.
/// </remarks>
internal sealed class Maildrop : IDisposable
{
    private readonly AccountLease _lease;
    private readonly IDisposable _lock;
    private readonly MailboxView _inbox;
    private readonly MaildropEntry[] _entries;
    private readonly Marks[] _marks;
    private readonly Uidls _uidls;

    private Maildrop(AccountLease lease, IDisposable hold, MailboxView inbox, Uidls uidls)
    {
        (_lease, _lock, _inbox, _uidls) = (lease, hold, inbox, uidls);
        _entries = Snapshot(inbox);
        _marks = new Marks[_entries.Length];
        (Count, TotalOctets) = (_entries.Length, _entries.Sum(static entry => entry.WireOctets));
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

    /// <summary>Messages marked as deleted.</summary>
    public int DeletedCount => _entries.Length - Count;

    /// <summary>Takes the maildrop of an account.</summary>
    /// <returns><see cref="StoreError.InUse"/> where another session has it.</returns>
    public static async ValueTask<Result<Maildrop>> OpenAsync(MailStore store, AccountName account, CancellationToken ct)
    {
        Result<AccountLease> opened = await store.OpenAccountAsync(account, ct);
        if (!opened.Ok)
            return opened.Error;
        AccountLease lease = opened.Value;
        IDisposable? hold = null;
        MailboxView? inbox = null;
        try
        {
            hold = lease.Account.TryLockMaildrop();
            if (hold is null)
                return StoreError.InUse;
            Result<MailboxView> view = await lease.Account.OpenAsync(MailboxName.Inbox, readOnly: false, ct);
            if (!view.Ok)
                return view.Error;
            inbox = view.Value;
            Result<Uidls> uidls = await inbox.UidlsAsync(ct);
            if (!uidls.Ok)
                return uidls.Error;
            Maildrop maildrop = new(lease, hold, inbox, uidls.Value);
            (lease, hold, inbox) = (null!, null, null); // the maildrop has them now
            return maildrop;
        }
        finally
        {
            inbox?.Dispose();
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
    public string UidlOf(MaildropEntry entry) => _uidls.Of(entry.Uid);

    /// <summary>Opens a message to be sent whole or in part.</summary>
    /// <returns><see cref="StoreError.NotFound"/> where it was expunged meanwhile.</returns>
    public ValueTask<Result<MessageContent>> OpenMessageAsync(MaildropEntry entry, CancellationToken ct) => _inbox.OpenMessageAsync(entry.Uid, ct);

    public void MarkRetrieved(MaildropEntry entry) => _marks[entry.Number - 1] |= Marks.Retrieved;

    public void MarkDeleted(MaildropEntry entry)
    {
        _marks[entry.Number - 1] |= Marks.Deleted;
        Count--;
        TotalOctets -= entry.WireOctets;
    }

    /// <summary>Takes all deletion marks back.</summary>
    public void Unmark()
    {
        for (int i = 0; i < _marks.Length; i++)
            _marks[i] &= ~Marks.Deleted;
        (Count, TotalOctets) = (_entries.Length, _entries.Sum(static entry => entry.WireOctets));
    }

    /// <summary>The UPDATE state (RFC 1939 §6): removes what is marked, and gives \Seen to what else was retrieved whole.</summary>
    /// <remarks>\Seen in one change at the end, as other servers do: a download of ten thousand messages is no ten thousand renames.</remarks>
    /// <returns>How many messages it removed; an error where some of those marked may still be there.</returns>
    public async ValueTask<Result<int>> UpdateAsync(CancellationToken ct)
    {
        UidSet deleted = UidsWith(Marks.Deleted, Marks.Deleted);
        if (!deleted.IsEmpty)
        {
            Result<StoreOutcome> marked = await AddFlagAsync(deleted, SystemFlags.Deleted, ct);
            if (!marked.Ok)
                return marked.Error;
            Result<UidSet> expunged = await _inbox.ExpungeAsync(deleted, ct);
            if (!expunged.Ok)
                return expunged.Error;
        }

        UidSet retrieved = UidsWith(Marks.Deleted | Marks.Retrieved, Marks.Retrieved);
        if (!retrieved.IsEmpty)
            await AddFlagAsync(retrieved, SystemFlags.Seen, ct); // a flag that does not stick loses nothing
        return DeletedCount;
    }

    public void Dispose()
    {
        _inbox.Dispose();
        _lock.Dispose();
        _lease.Dispose();
    }

    private ValueTask<Result<StoreOutcome>> AddFlagAsync(UidSet uids, SystemFlags flag, CancellationToken ct)
        => _inbox.StoreFlagsAsync(uids, new(FlagOperation.Add, new(flag, [])), unchangedSince: null, silent: true, ct);

    private UidSet UidsWith(Marks mask, Marks value)
        => new(NumberRanges.From(_entries.Where((_, i) => (_marks[i] & mask) == value).Select(static entry => entry.Uid.Value)));

    private static MaildropEntry[] Snapshot(MailboxView inbox)
    {
        List<MaildropEntry> entries = new(inbox.Count);
        for (int number = 1; number <= inbox.Count; number++)
        {
            if (inbox.Entry(number) is { } message) // null: expunged since the view was opened
                entries.Add(new(entries.Count + 1, message.Uid, message.WireOctets));
        }

        return [.. entries];
    }
}

/// <summary>One message of a maildrop.</summary>
/// <param name="Number">Its number in this session, from 1.</param>
/// <param name="Uid">What the mailbox calls it.</param>
/// <param name="WireOctets">Its size as sent, dot-stuffing not counted (RFC 1939 §11).</param>
internal readonly record struct MaildropEntry(int Number, Uid Uid, long WireOctets)
{
    /// <summary>A scan listing (RFC 1939 §5).</summary>
    public string Listing => string.Create(CultureInfo.InvariantCulture, $"{Number} {WireOctets}");
}
