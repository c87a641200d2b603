using FullStack.Mime;
using FullStack.Store.Index;
using FullStack.Store.Mailboxes;
using FullStack.Store.Posix;

namespace FullStack.Store.Search;

/// <summary>
/// Fills an account's text index while nobody waits for it: some seconds after a change, a batch at a time, newest messages first,
/// one account of the store at a time, and never more than half of the time, or a tenth while clients read messages.
/// </summary>
internal sealed class TextIndexFiller(StoreContext store, TextIndexFile file, AccountIndex index)
{
    /// <summary>Changes within this time are taken up together; a session that opens a mailbox and leaves starts nothing.</summary>
    public static readonly TimeSpan Delay = TimeSpan.FromSeconds(5);

    /// <summary>Of the time a tenth is spent on the index then.</summary>
    private const int RestsWhileRead = 9;

    private const int BatchMessages = 64;

    /// <summary>Text written in one transaction, in UTF-16 units, and what the last message has more: a search waits no longer than that takes.</summary>
    private const int BatchUnits = 256 << 10;

    private readonly Lock _gate = new();
    private readonly HashSet<Mailbox> _waiting = [];
    private readonly CancellationTokenSource _stop = new();
    private Task _running = Task.CompletedTask;
    private bool _knowsMailboxes;

    /// <summary>Whether there is something to index, now or soon.</summary>
    public bool IsBusy => !_running.IsCompleted;

    /// <summary>Ends when all is indexed that waits now, or cannot be.</summary>
    public Task Running
    {
        get
        {
            lock (_gate)
                return _running;
        }
    }

    public void Wake(Mailbox mailbox)
    {
        lock (_gate)
        {
            _waiting.Add(mailbox);
            if (!IsBusy && !_stop.IsCancellationRequested)
                _running = RunAsync(_stop.Token);
        }
    }

    public async Task StopAsync()
    {
        Task running;
        lock (_gate)
        {
            _stop.Cancel();
            running = _running;
        }

        await running;
    }

    /// <summary>Brings the index up to date with some mailboxes.</summary>
    /// <exception cref="IOException">A database cannot be used.</exception>
    public async Task FillAsync(IReadOnlyList<Mailbox> mailboxes, bool pauses, CancellationToken ct)
    {
        await ForgetMailboxesAsync(ct);
        foreach (Mailbox mailbox in mailboxes)
            await FillAsync(mailbox, pauses, ct);
    }

    private async Task RunAsync(CancellationToken ct)
    {
        try
        {
            while (true)
            {
                await Task.Delay(Delay, store.Time, ct);
                Mailbox[] mailboxes;
                lock (_gate)
                {
                    mailboxes = [.. _waiting];
                    _waiting.Clear();
                }

                await FillAsync(mailboxes, pauses: true, ct);
                lock (_gate)
                {
                    if (_waiting.Count > 0)
                        continue;
                    _running = Task.CompletedTask; // Who wakes from now on starts anew.
                    return;
                }
            }
        }
        catch (OperationCanceledException)
        {
            // The account closes.
        }
        catch (IOException e)
        {
            StoreLog.TextIndexUnwritten(store.Log, e.Message); // The next change tries again.
        }
        catch (Exception e) // Nobody awaits it.
        {
            StoreLog.BackgroundFailed(store.Log, e);
        }
    }

    /// <summary>Forgets mailboxes that are no more. Once while the account is open.</summary>
    private async Task ForgetMailboxesAsync(CancellationToken ct)
    {
        if (_knowsMailboxes)
            return;
        if (!file.Exists)
        {
            _knowsMailboxes = true; // What will be put into it is of those that there are.
            return;
        }

        HashSet<long> known = [.. (await index.ReadAsync(MailboxTable.Load, ct)).Select(static row => row.Id)];
        foreach (long id in await file.UseAsync(TextTables.LoadMailboxes, ct))
        {
            if (!known.Contains(id))
                await RemoveAsync(id, await file.UseAsync(i => TextTables.LoadMarks(i, id), ct), static _ => true, ct);
        }

        _knowsMailboxes = true;
    }

    private async Task FillAsync(Mailbox mailbox, bool pauses, CancellationToken ct)
    {
        if (mailbox.Current is not { } now || mailbox.IsDead)
            return;
        if (now.Messages.Count == 0 && !file.Exists)
            return;
        long id = mailbox.Counters.Id;
        TextMarks marks = await file.UseAsync(i => TextTables.LoadMarks(i, id), ct);
        await RemoveAsync(id, marks, uid => now.Messages.Find(new(uid)) is not { } entry || !IsUpToDate(marks[uid], entry, now.UidValidity), ct);
        List<Uid> missing = [];
        for (int i = now.Messages.Count - 1; i >= 0; i--)
        {
            if (marks[now.Messages[i].Uid.Value] == TextMarks.None)
                missing.Add(now.Messages[i].Uid);
        }

        foreach (Uid[] batch in missing.Chunk(BatchMessages))
        {
            long started = store.Time.GetTimestamp();
            (await mailbox.EnterAsync(ct)).Dispose(); // Who changes the mailbox goes first.
            using (await store.SearchTurns.EnterFillAsync(ct))
            {
                if (await file.UseAsync(TextTables.Octets, ct) >= store.Options.SearchIndexLimit)
                {
                    StoreLog.TextIndexFull(store.Log, mailbox.Folder.Path.ToString());
                    return;
                }

                if (!await AddAsync(mailbox, id, now.UidValidity, batch, ct))
                    return;
            }

            if (pauses)
                await RestAsync(store.Time.GetElapsedTime(started), ct);
        }
    }

    /// <summary>Rests as long as the work before took: while clients read, up to <see cref="RestsWhileRead"/> times as long, so that they have the machine, and the index is filled all the same.</summary>
    private async Task RestAsync(TimeSpan worked, CancellationToken ct)
    {
        int rests = 0;
        do
            await Task.Delay(worked, store.Time, ct);
        while (++rests < RestsWhileRead && store.Readers.Any);
    }

    private bool IsUpToDate(uint mark, MessageEntry entry, UidValidity validity)
        => mark == TextMarks.OfIndexed(entry, validity) || mark == TextMarks.OfLeftOut(entry, validity, store.Options.SearchIndexMessageLimit);

    private async Task RemoveAsync(long mailbox, TextMarks marks, Predicate<uint> isGone, CancellationToken ct)
    {
        (uint Uid, uint Mark)[] gone = [.. marks.All.Where(m => isGone(m.Uid))];
        foreach ((uint Uid, uint Mark)[] batch in gone.Chunk(BatchMessages))
        {
            foreach ((uint uid, _) in batch)
                marks[uid] = TextMarks.None;
            await file.UseAsync(i =>
            {
                i.InTransaction(durable: false, () =>
                {
                    foreach ((uint uid, uint mark) in batch)
                    {
                        if (TextMarks.IsIndexed(mark))
                            TextTables.Remove(i, mailbox, uid);
                    }

                    TextTables.SaveMarks(i, mailbox, marks, batch.Select(static m => m.Uid));
                });
                return default(Nothing);
            }, ct);
        }
    }

    /// <summary>Indexes a batch; false where the mailbox is not open any more.</summary>
    private async Task<bool> AddAsync(Mailbox mailbox, long id, UidValidity validity, Uid[] uids, CancellationToken ct)
    {
        if (!mailbox.IsLoaded)
            return false;
        Dictionary<uint, byte[]> structures = await StructureReader.ReadEncodedAsync(mailbox, uids, ct);
        if (mailbox.Current is not { } now || mailbox.IsDead || now.UidValidity != validity)
            return false;

        // FTS5 wants rising row numbers within a transaction. The entries are those from after the structures were read: that may correct a size.
        Array.Sort(uids, static (a, b) => a.Value.CompareTo(b.Value));
        MessageEntry[] entries = [.. uids.Select(uid => now.Messages.Find(uid)).OfType<MessageEntry>()];
        for (int next = 0; next < entries.Length;)
        {
            int from = next;
            (List<IndexedText> texts, next) = await store.Disk.RunAsync(() => Gather(mailbox, entries, from, structures), ct);
            await file.UseAsync(i =>
            {
                i.InTransaction(durable: false, () => Write(i, id, validity, texts));
                return default(Nothing);
            }, ct);
        }

        return true;
    }

    private void Write(IndexConnection i, long id, UidValidity validity, List<IndexedText> texts)
    {
        // As they are now: the file may have been deleted, and made anew, since the marks were last read.
        TextMarks marks = TextTables.LoadMarks(i, id);
        foreach (IndexedText text in texts)
        {
            uint uid = text.Entry.Uid.Value;
            if (TextMarks.IsIndexed(marks[uid]))
                continue;
            if (text.Header is not null)
                TextTables.Add(i, id, uid, text.Header, text.Body);
            marks[uid] = text.Header is not null
                ? TextMarks.OfIndexed(text.Entry, validity)
                : TextMarks.OfLeftOut(text.Entry, validity, store.Options.SearchIndexMessageLimit);
        }

        TextTables.SaveMarks(i, id, marks, texts.Select(static text => text.Entry.Uid.Value));
    }

    /// <summary>Reads messages until there is text for one transaction.</summary>
    private (List<IndexedText> Texts, int Next) Gather(Mailbox mailbox, MessageEntry[] entries, int next, Dictionary<uint, byte[]> structures)
    {
        List<IndexedText> texts = [];
        FoldedTextBuffer headers = new(store.Options.SearchIndexMessageLimit), bodies = new(store.Options.SearchIndexMessageLimit);
        for (int units = 0; next < entries.Length && units < BatchUnits; next++)
        {
            if (!structures.TryGetValue(entries[next].Uid.Value, out byte[]? encoded) || !MimeMessageCodec.TryDecode(encoded, out MimeMessage? structure))
                continue;
            bool? gathered = TryGather(mailbox, entries[next], structure.Root, headers, bodies);
            if (gathered == true)
                texts.Add(new(entries[next], AsText(headers), AsText(bodies)));
            else if (gathered == false)
                texts.Add(new(entries[next], null, ""));
            units += headers.Text.Length + bodies.Text.Length;
        }

        return (texts, next);
    }

    /// <summary>Null where the message cannot be read.</summary>
    private bool? TryGather(Mailbox mailbox, MessageEntry entry, MimePart root, FoldedTextBuffer headers, FoldedTextBuffer bodies)
    {
        headers.Clear();
        bodies.Clear();
        (_, MessageContent? content) = MessageReader.Open(mailbox, entry);
        if (content is null)
            return null;
        try
        {
            return MessageTexts.TryGather(root, content, headers, bodies, store.Options.SearchIndexMessageLimit);
        }
        catch (IOException)
        {
            store.Fail("indexing a message", mailbox.Folder.Path, FileError.Failed);
            return null;
        }
        finally
        {
            content.Close();
        }
    }

    /// <summary>NUL would vanish between two characters that it parts; no text that the index is asked for has one.</summary>
    private static string AsText(FoldedTextBuffer text) => text.Text.Contains('\0') ? text.Text.ToString().Replace('\0', ' ') : text.Text.ToString();

    /// <param name="Entry">The message.</param>
    /// <param name="Header">Its headers; null where it has too much text.</param>
    /// <param name="Body">Its bodies.</param>
    private sealed record IndexedText(MessageEntry Entry, string? Header, string Body);
}
