using FullStack.Mime;
using FullStack.Store.Index;
using FullStack.Store.Mailboxes;
using FullStack.Store.Quota;

namespace FullStack.Store.Delivery;

/// <summary>A message that lies, durable, in a mailbox's folder and is to be announced there.</summary>
/// <param name="FileName">Its name.</param>
/// <param name="InNew">Whether it is new to the folder.</param>
/// <param name="Flags">Its flags.</param>
/// <param name="WireOctets">Its size on the wire.</param>
/// <param name="StoredOctets">Its size on the disk.</param>
/// <param name="InternalDate">Its internal date.</param>
/// <param name="Structure">Its structure, to be kept; null where it is not known.</param>
internal sealed record Arrival(
    byte[] FileName, bool InNew, MessageFlags Flags, long WireOctets, long StoredOctets, DateTimeOffset InternalDate, MimeMessage? Structure)
{
    /// <summary>It comes from another mailbox, and the index holds what else there is to know of it until it is here.</summary>
    public bool IsUnderWay { get; init; }

    /// <summary>It is known that POP3 sends just its length on the wire.</summary>
    public bool IsSentAsIs { get; init; }

    /// <summary>The annotations that it has from the beginning.</summary>
    public IReadOnlyList<AnnotationRow> Annotations { get; init; } = [];

    /// <summary>Gives messages their UIDs and shows them to the views. Where the mailbox is not open it will find the files itself.</summary>
    /// <param name="mailbox">The mailbox.</param>
    /// <param name="arrivals">The messages.</param>
    /// <param name="operation">The operation that placed them: its reservation becomes use.</param>
    /// <param name="stay">Whether they stay where the index cannot be written, and get their UIDs at the next scan; else they stay in flight, and who placed them takes them out.</param>
    /// <param name="ct">Ends the wait for the lock.</param>
    /// <returns>The UIDs, in order; none where the mailbox is not open.</returns>
    /// <exception cref="IOException">The index cannot be written. No view has seen a message.</exception>
    public static async Task<IReadOnlyList<Uid>> AnnounceAsync(Mailbox mailbox, IReadOnlyList<Arrival> arrivals, Reservation operation, bool stay, CancellationToken ct)
    {
        List<MessageEntry> added = new(arrivals.Count);
        bool announced = false;
        try
        {
            using (await mailbox.EnterAsync(ct))
            {
                if (mailbox.IsLoaded)
                {
                    await AddAsync(mailbox, arrivals, added, ct);
                    mailbox.Add(added, recent: true, operation);
                }
                else
                {
                    // Under the lock: whoever loads the mailbox next finds the files, and their use is counted once.
                    foreach (Arrival arrival in arrivals)
                        mailbox.InFlight.TryRemove(arrival.FileName, out _);
                    mailbox.Usage.Ledger.Add(mailbox.Location.Entry, operation);
                    mailbox.Happened(new(arrivals.Count, Removed: false, FlagsChanged: false, Unknown: false));
                }

                announced = true;
            }
        }
        finally
        {
            // Only now: a scan before would have given the file a UID of its own.
            foreach (Arrival arrival in announced || stay ? arrivals : [])
                mailbox.InFlight.TryRemove(arrival.FileName, out _);
            if (!announced && stay)
                mailbox.Store.Watcher.LookAgain(mailbox);
        }

        mailbox.Announce();
        return [.. added.Select(static e => e.Uid)];
    }

    /// <summary>Gives messages their UIDs. What only the index knows of them is durable before anybody sees them. Under the lock.</summary>
    private static async Task AddAsync(Mailbox mailbox, IReadOnlyList<Arrival> arrivals, List<MessageEntry> added, CancellationToken ct)
    {
        await mailbox.Counters.ReserveAsync(mailbox.Index, arrivals.Count, ct);
        ModSeq modSeq = mailbox.Counters.TakeModSeq();
        long now = mailbox.Store.Time.GetUtcNow().ToUnixTimeSeconds();
        foreach (Arrival arrival in arrivals)
            added.Add(arrival.ToEntry(mailbox, mailbox.Counters.TakeUid(), modSeq));
        long id = mailbox.Counters.Id;
        if (added.Exists(static e => e.Keywords.Count > 0) || arrivals.Any(static a => a.IsUnderWay || a.Annotations.Count > 0))
            await mailbox.Index.CommitAsync(
                index =>
                {
                    ImageTable.Void(index, id);
                    MessageTable.Put(index, id, added);
                    Complete(index, id, arrivals, added);
                },
                ct);
        foreach ((Arrival arrival, MessageEntry entry) in arrivals.Zip(added))
        {
            if (Math.Abs(now - entry.InternalDate.ToUnixTimeSeconds()) > 1)
                mailbox.Index.PostDetails(id, entry.Uid, new(SavedSeconds: now));
            if (arrival.Structure is not null)
                mailbox.Index.PostStructures(id, [(entry.Uid, MimeMessageCodec.Encode(arrival.Structure))]);
        }
    }

    /// <summary>Makes durable what only the index knows of messages that a scan found before they were announced.</summary>
    /// <param name="mailbox">Where they are.</param>
    /// <param name="arrivals">The messages.</param>
    /// <param name="entries">The same, with their UIDs.</param>
    /// <param name="ct">Ends the wait.</param>
    /// <exception cref="IOException">The index cannot be written.</exception>
    public static async Task CompleteAsync(Mailbox mailbox, IReadOnlyList<Arrival> arrivals, IReadOnlyList<MessageEntry> entries, CancellationToken ct)
    {
        using (await mailbox.EnterAsync(ct))
        {
            if (!mailbox.IsLoaded)
                return;
            long id = mailbox.Counters.Id;
            await mailbox.Index.CommitAsync(index => Complete(index, id, arrivals, entries), ct);
            foreach (MessageEntry entry in entries)
                mailbox.List.Touch(entry.Uid);
        }
    }

    private static void Complete(IndexConnection index, long mailbox, IReadOnlyList<Arrival> arrivals, IReadOnlyList<MessageEntry> entries)
    {
        foreach ((Arrival arrival, MessageEntry entry) in arrivals.Zip(entries))
        {
            MessageTable.Arrive(index, entry.FileName, mailbox, entry.Uid.Value);
            DetailTable.Put(index, mailbox, entry.Uid.Value, new(Annotations: arrival.Annotations));
        }
    }

    /// <summary>Makes sure of UIDs before files are placed: where the index cannot be written, nothing is to be left behind.</summary>
    /// <exception cref="IOException">The index cannot be written now.</exception>
    public static async ValueTask ReserveAsync(Mailbox mailbox, int uids, CancellationToken ct)
    {
        using (await mailbox.EnterAsync(ct))
        {
            if (mailbox.IsLoaded)
                await mailbox.Counters.ReserveAsync(mailbox.Index, uids, ct);
        }
    }

    private MessageEntry ToEntry(Mailbox mailbox, Uid uid, ModSeq modSeq) => new()
    {
        Uid = uid,
        ModSeq = modSeq,
        Flags = Flags.System,
        Keywords = mailbox.Keywords.Share(Flags.Keywords),
        WireOctets = WireOctets,
        StoredOctets = StoredOctets,
        InternalDate = DateTimeOffset.FromUnixTimeSeconds(InternalDate.ToUnixTimeSeconds()),
        IsSentAsIs = IsSentAsIs,
        FileName = FileName,
        InNew = InNew,
    };
}
