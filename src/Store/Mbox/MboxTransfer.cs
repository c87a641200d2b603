using FullStack.Store.Accounts;
using FullStack.Store.Delivery;
using FullStack.Store.Maildir;
using FullStack.Store.Mailboxes;
using FullStack.Store.Posix;
using FullStack.Store.Quota;

namespace FullStack.Store.Mbox;

/// <summary>Copies messages to an mbox, and moves them to one of the same account. It never holds both locks.</summary>
/// <remarks>
/// What a crash leaves; A is the message in the source, B the one in the target.
/// <list type="bullet">
/// <item>COPY: A; A and a part of B, which goes when the target is next used; A and B, acknowledged once B is durable. Of
/// several messages all are copied or none.</item>
/// <item>MOVE: the same, then B, when the source has been written anew without A. Between the two the message is in both
/// mailboxes, and the client, which got no answer, moves it again. Never neither: A goes only after B is durable, and after its
/// keywords and annotations are in the index under B's name.</item>
/// </list>
/// </remarks>
internal sealed class MboxTransfer(Mailbox source, TransferTarget place) : ITransfer
{
    /// <inheritdoc/>
    public async Task<Result<CopyOutcome>> CopyAsync(UidSet uids, CancellationToken ct)
    {
        Result<Mailbox> found = await place.Account.Mailboxes.FindAsync(place.Name, ct);
        if (!found.Ok)
            return found.Error;
        Mailbox target = found.Value;
        MessageEntry[] entries = [.. source.Snapshot.Messages.In(uids).Select(entry => entry.Only(place.Flags))];
        if (entries.Length == 0)
            return new CopyOutcome(target.Counters.UidValidity, [], []);
        Result<Reservation> room = await place.Account.Usage.ReserveAsync(entries.Aggregate(default(QuotaAmount), (sum, entry) => sum + Mailbox.Stored(entry)), ct);
        if (!room.Ok)
            return room.Error;
        using Reservation operation = room.Value;
        Result<List<Arrival>> appended = await AppendAsync(target, entries, ct);
        if (!appended.Ok)
            return appended.Error;
        return await AnnounceAsync(target, entries, appended.Value, isMove: false, operation);
    }

    /// <inheritdoc/>
    public async Task<Result<CopyOutcome>> MoveAsync(UidSet uids, CancellationToken ct)
    {
        Result<Mailbox> found = await place.Account.Mailboxes.FindAsync(place.Name, ct);
        if (!found.Ok)
            return found.Error;
        Mailbox target = found.Value;
        MessageEntry[] entries = [.. source.Snapshot.Messages.In(uids).Select(entry => entry.Only(place.Flags))];
        if (entries.Length == 0)
            return new CopyOutcome(target.Counters.UidValidity, [], []);
        using Reservation operation = await place.Account.Usage.HoldAsync(ct);
        Result<List<Arrival>> appended = await AppendAsync(target, entries, ct);
        if (!appended.Ok)
            return appended.Error;

        try
        {
            await Departure.WriteAsync(source, [.. appended.Value.Zip(entries, static (arrival, entry) => (arrival.FileName, entry))], CancellationToken.None);
        }
        catch (IOException)
        {
            await Withdrawal.RunAsync(target, appended.Value.Select(static a => a.FileName));
            throw;
        }

        (StoreError error, bool isGone) = await RemoveAsync(entries, operation, ct);
        if (!isGone)
        {
            await Withdrawal.RunAsync(target, appended.Value.Select(static a => a.FileName));
            return error == StoreError.None ? source.Store.PutOff("moving", source.Folder.Path, "none of the messages could be taken out") : error;
        }

        List<Arrival> arrivals = [.. appended.Value.Select(a => a with { IsUnderWay = source.Index.HasMessagesUnderWay })];
        Result<CopyOutcome> outcome = await AnnounceAsync(target, entries, arrivals, isMove: true, operation);
        return error == StoreError.None ? outcome : error;
    }

    /// <summary>Takes the messages out of the source.</summary>
    /// <returns>An error, and whether they are gone all the same.</returns>
    private async Task<(StoreError Error, bool IsGone)> RemoveAsync(MessageEntry[] entries, Reservation operation, CancellationToken ct)
    {
        List<MessageEntry> removed = [];
        FileError error;
        try
        {
            using (await source.EnterAsync(ct))
            {
                if (!source.IsLoaded)
                    return (StoreError.Gone, false);
                await source.Counters.ReserveAsync(source.Index, 0, ct);
                error = await source.Store.Disk.RunAsync(() => source.Folder.Remove(source, entries, removed), CancellationToken.None);
                MessageEntry[] known = [.. removed.Select(e => source.Snapshot.Messages.Find(e.Uid)).OfType<MessageEntry>()];
                if (known.Length > 0)
                    source.Remove(known, source.Counters.TakeModSeq(), operation);
            }
        }
        catch (OperationCanceledException)
        {
            return (source.Store.PutOff("moving", source.Folder.Path, "it was broken off"), false);
        }
        catch (IOException e)
        {
            StoreLog.IndexUnusable(source.Store.Log, source.Folder.Path.ToString(), e.Message);
            return (StoreError.Unavailable, false);
        }

        source.Announce();
        return (error == FileError.None ? StoreError.None : source.Store.Fail("moving", source.Folder.Path, error), removed.Count > 0);
    }

    private async Task<Result<List<Arrival>>> AppendAsync(Mailbox target, MessageEntry[] entries, CancellationToken ct)
    {
        StoreContext store = source.Store;
        await Arrival.ReserveAsync(target, entries.Length, ct);

        // All is read before the target is locked: the two may be one file, and two transfers may go opposite ways.
        using MboxCopies copies = new(store, MboxMailbox.Of(source));
        FileError read = await store.Disk.RunAsync(() => copies.Read(entries), ct);
        if (read != FileError.None)
            return read == FileError.NotFound ? StoreError.Gone : store.Fail("copying", source.Folder.Path, read);
        using (await target.EnterAsync(ct))
        {
            if (target.IsDead)
                return StoreError.NotFound; // One that was unloaded meanwhile is there, and is loaded when the copies are announced.
            IReadOnlyList<MboxAppended> appended = [];
            FileError error = await store.Disk.RunAsync(() => MboxMailbox.Of(target).Append(copies.Drafts, out appended), CancellationToken.None);
            if (error != FileError.None)
                return error == FileError.NotFound ? StoreError.NotFound : store.Fail("copying", target.Folder.Path, error);
            List<Arrival> arrivals = [];
            foreach ((MessageEntry entry, MboxAppended done) in entries.Zip(appended))
            {
                target.InFlight.TryAdd(done.Name, 0);
                arrivals.Add(new(done.Name, InNew: false, new(entry.Flags, entry.Keywords), done.WireOctets, MaildirFileName.StoredOctets(done.Name, 0), entry.InternalDate, Structure: null));
            }

            return arrivals;
        }
    }

    private async Task<Result<CopyOutcome>> AnnounceAsync(Mailbox target, MessageEntry[] entries, List<Arrival> arrivals, bool isMove, Reservation operation)
    {
        try
        {
            IReadOnlyList<Uid> uids = await place.Account.Mailboxes.AnnounceAsync(target, arrivals, operation, stay: isMove, CancellationToken.None);
            return new CopyOutcome(target.Counters.UidValidity, [.. entries.Select(static e => e.Uid)], uids);
        }
        catch (IOException) when (!isMove)
        {
            await Withdrawal.RunAsync(target, arrivals.Select(static a => a.FileName));
            throw;
        }
        catch (IOException e)
        {
            return CopyOutcome.WithoutUids(target, e);
        }
    }
}
