using FullStack.Store.Accounts;
using FullStack.Store.Index;
using FullStack.Store.Maildir;
using FullStack.Store.Mailboxes;
using FullStack.Store.Posix;

namespace FullStack.Store.Verify;

/// <summary>Checks what every mailbox of an account must keep; the numbers are those of the rules of <c>Mailbox</c>.</summary>
public static class MailboxVerifier
{
    /// <summary>Checks all mailboxes of an account, which is opened where it is not.</summary>
    /// <returns>One sentence for each rule broken; empty where all is well.</returns>
    /// <exception cref="IOException">The account's index cannot be used.</exception>
    public static async Task<IReadOnlyList<string>> VerifyAsync(MailStore store, AccountName name, CancellationToken ct)
    {
        Result<AccountLease> lease = await store.OpenAccountAsync(name, ct);
        if (!lease.Ok)
            return [$"{name}: cannot be opened: {lease.Failure}"];
        using (lease.Value)
            return await VerifyAsync(lease.Value.Account, ct);
    }

    /// <summary>Checks all mailboxes of an open account.</summary>
    /// <returns>One sentence for each rule broken; empty where all is well.</returns>
    /// <exception cref="IOException">The account's index cannot be used.</exception>
    public static async Task<IReadOnlyList<string>> VerifyAsync(Account account, CancellationToken ct)
    {
        List<string> broken = [];
        Dictionary<uint, MailboxName> validities = [];
        foreach (MailboxInfo info in await account.ListAsync(ct))
        {
            if (!info.Exists)
                continue;
            Result<Mailbox> found = await account.Mailboxes.FindAsync(info.Name, ct);
            if (!found.Ok)
            {
                broken.Add($"{info.Name}: cannot be opened: {found.Error}");
                continue;
            }

            await MailboxRescan.RescanAsync(found.Value, null, ct);
            await VerifyAsync(found.Value, broken, ct);
        }

        // Courier gives the same UIDVALIDITY to all folders that it makes in one second.
        foreach (MailboxRow row in await account.Index.ReadAsync(MailboxTable.Load, ct))
        {
            uint validity = row.UidValidity.Value;
            if (validity == 0 || (row.Origin == MailboxOrigin.Own && !validities.TryAdd(validity, row.Name)))
                broken.Add($"{row.Name}: rule 2: its UIDVALIDITY {validity} is zero or that of another mailbox, so that clients may take one for the other; rename it or make it anew");
        }

        return broken;
    }

    private static async Task VerifyAsync(Mailbox mailbox, List<string> broken, CancellationToken ct)
    {
        using (await mailbox.EnterAsync(ct))
        {
            if (!mailbox.IsLoaded)
                return;
            await mailbox.Index.FlushAsync(durable: false, ct);
            long id = mailbox.Counters.Id;
            List<MessageRow> rows = await mailbox.Index.ReadAsync(index => MessageTable.Load(index, id), ct);
            MailboxRow? row = (await mailbox.Index.ReadAsync(MailboxTable.Load, ct)).Find(r => r.Id == id);
            BreachReport report = new(mailbox.Location.Name, broken);
            CheckNumbers(mailbox, row, report);
            CheckIndex(mailbox, rows, report);
            await mailbox.Store.Disk.RunAsync(() => CheckFiles(mailbox, report), ct);
            await ListVerifier.VerifyAsync(mailbox, row, report, ct);
        }
    }

    private static void CheckNumbers(Mailbox mailbox, MailboxRow? row, BreachReport report)
    {
        MailboxSnapshot now = mailbox.Snapshot;
        if (row is null)
        {
            report.Add(4, "the mailbox is open but the index does not have it; was index.db removed while the server ran?");
            return;
        }

        report.Check(1, now.UidNext.Value <= row.UidNext, $"the next UID is {now.UidNext}, but only those below {row.UidNext} are reserved in the index: after a crash one could come twice");
        report.Check(2, now.UidValidity == row.UidValidity, $"clients are told UIDVALIDITY {now.UidValidity.Value}, the index has {row.UidValidity.Value}");
        report.Check(3, now.Highest.Value <= row.ModSeq, $"the highest mod-sequence is {now.Highest.Value}, but only those up to {row.ModSeq} are reserved in the index");
        uint last = 0;
        MessageTotals totals = default;
        for (int i = 0; i < now.Messages.Count; i++)
        {
            MessageEntry entry = now.Messages[i];
            report.Check(1, entry.Uid.Value > last, $"UID {entry.Uid} comes after {last}: UIDs have to rise");
            last = entry.Uid.Value;
            report.Check(3, entry.ModSeq <= now.Highest, $"UID {entry.Uid} has mod-sequence {entry.ModSeq.Value}, above the mailbox's highest, {now.Highest.Value}: clients miss its next change");
            totals = totals.Plus(entry);
        }

        report.Check(1, last < now.UidNext.Value, $"UID {last} is in use, but the next message would get {now.UidNext}");
        report.Check(4, totals == now.Messages.Totals, $"clients are told {now.Messages.Totals}, but the messages add up to {totals}");
        report.Check(4, mailbox.Names.Count == now.Messages.Count, $"{mailbox.Names.Count} file names are known for {now.Messages.Count} messages");
    }

    private static void CheckIndex(Mailbox mailbox, List<MessageRow> rows, BreachReport report)
    {
        MessageList messages = mailbox.Snapshot.Messages;
        report.Check(4, rows.Count == messages.Count, $"the index has {rows.Count} messages, the folder {messages.Count}");
        foreach (MessageRow row in rows)
        {
            if (messages.Find(new(row.Uid)) is not { } entry)
            {
                report.Add(4, $"the index has a message with UID {row.Uid} that has no file");
                continue;
            }

            bool same = row.Flags == entry.Flags && row.ModSeq == entry.ModSeq.Value && row.WireOctets == entry.WireOctets
                && row.Keywords == KeywordColumn.Join(entry.Keywords) && row.BaseName.AsSpan().SequenceEqual(MaildirFileName.Base(entry.FileName));
            report.Check(4, same, $"the index says other flags, keywords, size or file name of UID {row.Uid} than its file");
        }
    }

    private static Nothing CheckFiles(Mailbox mailbox, BreachReport report)
    {
        FileError listed = mailbox.Folder.List(out Dictionary<byte[], ListedMessage> onDisk);
        report.Check(4, listed == FileError.None, $"the folder {mailbox.Folder.Path} cannot be listed: {listed}");
        MessageList messages = mailbox.Snapshot.Messages;
        for (int i = 0; i < messages.Count; i++)
        {
            MessageEntry entry = messages[i];
            if (!onDisk.Remove(entry.FileName, out ListedMessage message))
                report.Add(4, $"UID {entry.Uid} has lost its file {System.Text.Encoding.UTF8.GetString(entry.FileName)}");
            else if (mailbox.Folder.FindBreach(entry, message) is { } breach)
                report.Add(4, breach);
        }

        foreach (ListedMessage message in onDisk.Values)
        {
            if (!mailbox.InFlight.ContainsKey(message.Name))
                report.Add(4, $"the file {System.Text.Encoding.UTF8.GetString(message.Name)} lies in the folder, but clients cannot see it as a message");
        }

        return default;
    }
}
