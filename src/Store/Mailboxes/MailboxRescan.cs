namespace FullStack.Store.Mailboxes;

/// <summary>Takes over what other programs did to a mailbox's folder.</summary>
internal static class MailboxRescan
{
    /// <summary>Looks at the folder.</summary>
    /// <param name="mailbox">The mailbox; where it is not loaded nobody looks, and who watches the account hears that something happened.</param>
    /// <param name="events">What the watch told; null: look at everything.</param>
    /// <param name="ct">Ends the wait for the lock.</param>
    /// <returns>Whether nothing is left to be looked at: false where the folder could not be.</returns>
    /// <exception cref="IOException">The index cannot be used.</exception>
    public static async Task<bool> RescanAsync(Mailbox mailbox, IReadOnlyList<FolderEvent>? events, CancellationToken ct)
    {
        using (await mailbox.EnterAsync(ct))
        {
            if (!mailbox.IsLoaded)
            {
                mailbox.Happened(new(0, false, false, Unknown: true));
            }
            else
            {
                FolderFindings? findings = await mailbox.Store.Disk.RunAsync(() => mailbox.Folder.Look(mailbox, events), ct);
                if (findings is null || findings.IsEmpty)
                    return findings is not null;
                await ApplyAsync(mailbox, findings, ct);
            }
        }

        mailbox.Announce();
        return true;
    }

    /// <summary>Makes findings part of the mailbox. Under the lock; the caller announces.</summary>
    /// <exception cref="IOException">The index cannot be used.</exception>
    public static async Task ApplyAsync(Mailbox mailbox, FolderFindings findings, CancellationToken ct)
    {
        ArrivalOrder.Sort(mailbox.Folder, findings.Added, static found => found.Name);
        await mailbox.Counters.ReserveAsync(mailbox.Index, findings.Added.Count, ct);
        MovesUnderWay underWay = mailbox.Index.HasMessagesUnderWay && findings.Added.Count > 0
            ? await mailbox.Index.ReadAsync(MovesUnderWay.Load, ct)
            : MovesUnderWay.None;
        ModSeq modSeq = findings.ClientSees ? mailbox.Counters.TakeModSeq() : mailbox.Counters.Highest;
        mailbox.Remove(findings.Gone, modSeq, operation: null);
        List<MessageEntry> changed = new(findings.Changed.Count);
        foreach ((MessageEntry entry, ListedMessage listed) in findings.Changed)
        {
            changed.Add(FolderFindings.DiffersForClient(entry, listed)
                ? entry.Changed(listed.Flags, mailbox.Keywords.Of(listed) ?? entry.Keywords, modSeq, listed.Name, listed.InNew)
                : entry.Renamed(listed.Name, listed.InNew));
        }

        mailbox.Replace(changed);
        List<MessageEntry> added = new(findings.Added.Count);
        foreach (FoundMessage found in findings.Added)
            added.Add(underWay.Receive(mailbox, mailbox.Counters.TakeUid(), modSeq, found));
        mailbox.Add(added, recent: true, operation: null);
        if (!underWay.IsEmpty)
            await MovesUnderWay.ArriveAsync(mailbox.Index, mailbox.Counters.Id, added, ct);
    }
}
