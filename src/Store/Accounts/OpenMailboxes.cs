using System.Collections.Concurrent;
using FullStack.Store.Delivery;
using FullStack.Store.Feed;
using FullStack.Store.Index;
using FullStack.Store.Mailboxes;
using FullStack.Store.Quota;

namespace FullStack.Store.Accounts;

/// <summary>
/// The objects of an account's mailboxes: at most one for each, made when somebody first asks, loaded when its messages are wanted, unloaded when nobody wants them any more.
/// </summary>
/// <remarks>A mailbox may be unloaded, renamed or end between any two calls; who needs it loaded enters its lock and looks.</remarks>
internal sealed class OpenMailboxes(StoreContext store, Account account)
{
    /// <summary>How often a mailbox is loaded again that was unloaded before it could be used.</summary>
    private const int Attempts = 5;

    private readonly ConcurrentDictionary<MailboxName, Mailbox> _mailboxes = new();

    /// <summary>The INBOX, which may not be loaded: a delivery needs no index.</summary>
    public Mailbox Inbox => At(MailboxName.Inbox, "");

    /// <summary>The object of a name, loaded or not; null where there is none.</summary>
    public Mailbox? Opened(MailboxName name) => _mailboxes.GetValueOrDefault(name);

    /// <summary>The mailbox, loaded.</summary>
    /// <exception cref="IOException">The index cannot be used.</exception>
    public async Task<Result<Mailbox>> FindAsync(MailboxName name, CancellationToken ct)
    {
        for (int attempt = 0; attempt < Attempts; attempt++)
        {
            if (_mailboxes.TryGetValue(name, out Mailbox? open))
            {
                open.LastUsed = store.Time.GetTimestamp();
                if (open.IsLoaded)
                    return open;
            }

            Mailbox mailbox;
            MailboxRow? row;
            using (await account.Catalog.EnterAsync(ct))
            {
                row = await account.Catalog.FindAsync(name, ct);
                if (row is null)
                    return StoreError.NotFound;
                mailbox = At(name, row.Directory);
            }

            StoreError loaded = await MailboxLoader.LoadAsync(mailbox, row, ct);
            if (loaded is not (StoreError.None or StoreError.NotFound))
                return loaded;
            if (loaded == StoreError.NotFound)
                Drop(mailbox);
        }

        return NeverLoaded(name);
    }

    /// <summary>Opens a view for one session.</summary>
    /// <exception cref="IOException">The index cannot be used.</exception>
    public async Task<Result<MailboxView>> OpenViewAsync(MailboxName name, bool readOnly, bool searches, CancellationToken ct)
    {
        for (int attempt = 0; attempt < Attempts; attempt++)
        {
            Result<Mailbox> found = await FindAsync(name, ct);
            if (!found.Ok)
                return found.Failure;
            await store.Watcher.CatchUpAsync(found.Value);

            // Under the lock, so that the mailbox is not unloaded before it has the view that keeps it loaded.
            using (await found.Value.EnterAsync(ct))
            {
                if (!found.Value.IsLoaded)
                    continue;
                MailboxView view = new(account, found.Value, readOnly);
                found.Value.Attach(view);
                if (searches)
                    found.Value.BeginSearching();
                return view;
            }
        }

        return NeverLoaded(name);
    }

    /// <summary>The objects of those mailboxes that there are, which need not be loaded.</summary>
    public async Task<IReadOnlyList<Mailbox>> FoldersAsync(IEnumerable<MailboxName> names, CancellationToken ct)
    {
        using (await account.Catalog.EnterAsync(ct))
        {
            Dictionary<MailboxName, MailboxRow> rows = await account.Catalog.RefreshAsync(ct);
            return [.. names.Where(rows.ContainsKey).Select(name => At(name, name.IsInbox ? "" : rows[name].Directory))];
        }
    }

    /// <summary>Announces arrivals; where the mailbox was unloaded meanwhile, it is loaded again and has found the files.</summary>
    public async Task<IReadOnlyList<Uid>> AnnounceAsync(Mailbox mailbox, IReadOnlyList<Arrival> arrivals, Reservation operation, bool stay, CancellationToken ct)
    {
        IReadOnlyList<Uid> uids = await Arrival.AnnounceAsync(mailbox, arrivals, operation, stay, ct);
        if (uids.Count == arrivals.Count)
            return uids;
        Result<Mailbox> found = await FindAsync(mailbox.Location.Name, ct);
        if (!found.Ok)
            throw new IOException($"the mailbox {mailbox.Location.Name} went away");
        List<MessageEntry> entries;
        using (await found.Value.EnterAsync(ct))
            entries = [.. arrivals.Select(a => found.Value.Find(a.FileName) ?? throw new IOException("a message went away"))];
        if (arrivals.Any(static a => a.Annotations.Count > 0))
            await Arrival.CompleteAsync(found.Value, arrivals, entries, ct);
        return [.. entries.Select(static e => e.Uid)];
    }

    /// <summary>Takes a mailbox object out, for it is dead.</summary>
    public void Drop(Mailbox mailbox) => _mailboxes.TryRemove(new(mailbox.Location.Name, mailbox));

    /// <summary>A mailbox object has another name now.</summary>
    public void Rename(MailboxName from, Mailbox mailbox)
    {
        _mailboxes.TryRemove(new(from, mailbox));
        _mailboxes[mailbox.Location.Name] = mailbox;
    }

    /// <summary>Unloads mailboxes that no view uses and that were not asked for of late; the others are tidied.</summary>
    public async Task RestAsync(TimeSpan idle)
    {
        foreach (Mailbox mailbox in _mailboxes.Values)
        {
            store.Watcher.Retry(mailbox);
            if (mailbox.IsLoaded && !mailbox.HasViews && store.Time.GetElapsedTime(mailbox.LastUsed) >= idle)
                await MailboxUnloader.UnloadAsync(mailbox, evenWithViews: false, idle);
            else if (mailbox.IsLoaded)
                await mailbox.TidyAsync();
        }
    }

    /// <summary>Unloads all, with views or without.</summary>
    public async Task CloseAsync()
    {
        foreach (Mailbox mailbox in _mailboxes.Values)
        {
            try
            {
                await MailboxUnloader.UnloadAsync(mailbox, evenWithViews: true, TimeSpan.Zero);
            }
            catch (IOException e)
            {
                // The next opening goes on behind what was reserved. The others are to be closed all the same.
                StoreLog.NotClosed(store.Log, mailbox.Folder.Path.ToString(), e.Message);
            }
        }
    }

    /// <summary>Lets all go as a crash would. For tests of recovery.</summary>
    public void Kill()
    {
        foreach (Mailbox mailbox in _mailboxes.Values)
            mailbox.Kill();
    }

    /// <summary>A mailbox's folder is gone: its views end.</summary>
    public void End(MailboxName name)
    {
        if (_mailboxes.TryGetValue(name, out Mailbox? mailbox))
            End([mailbox]);
    }

    /// <summary>The UIDs of all mailboxes mean nothing any more: their views end.</summary>
    public void EndAll() => End([.. _mailboxes.Values]);

    private void End(Mailbox[] mailboxes)
    {
        foreach (Mailbox mailbox in mailboxes)
        {
            Drop(mailbox);
            mailbox.Kill();
        }

        account.Behind.Run(_ =>
        {
            foreach (Mailbox mailbox in mailboxes)
                mailbox.Announce();
            return Task.CompletedTask;
        });
    }

    private StoreFailure NeverLoaded(MailboxName name)
    {
        string reason = $"the mailbox {name} went away each of the {Attempts} times that it was loaded";
        StoreLog.IndexUnusable(store.Log, account.Name.ToString(), reason);
        return new(StoreError.Unavailable, reason);
    }

    /// <summary>The object of a mailbox that there is.</summary>
    private Mailbox At(MailboxName name, string entry)
        => _mailboxes.GetOrAdd(name, _ => new(store, account.Index, account.Usage, new(name, entry, account.Catalog.Home.Open(entry))) { Texts = account.Texts, Feed = account.Feed });
}
