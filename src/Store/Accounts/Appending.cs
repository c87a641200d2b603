using FullStack.Store.Annotations;
using FullStack.Store.Delivery;
using FullStack.Store.Index;
using FullStack.Store.Mailboxes;
using FullStack.Store.Posix;
using FullStack.Store.Quota;

namespace FullStack.Store.Accounts;

/// <summary>A message to be appended to a mailbox.</summary>
/// <param name="Message">The message, complete.</param>
/// <param name="Flags">The flags it is to have.</param>
/// <param name="InternalDate">When it arrived; null: now.</param>
public sealed record NewMessage(StagedMessage Message, MessageFlags Flags, DateTimeOffset? InternalDate)
{
    /// <summary>The annotations it is to have, as its author sees them.</summary>
    public IReadOnlyList<AnnotationChange> Annotations { get; init; } = [];

    /// <summary>Whose private annotations are meant; null: the owner's.</summary>
    public AccountName? Author { get; init; }
}

/// <summary>Appends messages to one mailbox, all or none (RFC 3502 §3). After a crash half-way some may be there, which were not acknowledged.</summary>
internal sealed class Appending(StoreContext store, Account account, Mailbox mailbox)
{
    private readonly List<IPlacement> _placements = [];
    private readonly List<Arrival> _placed = [];

    /// <exception cref="IOException">The index cannot be used. Nothing was appended.</exception>
    public async Task<Result<AppendOutcome>> RunAsync(IReadOnlyList<NewMessage> messages, CancellationToken ct)
    {
        if (!mailbox.Keywords.HasRoomFor([.. messages.SelectMany(static m => m.Flags.Keywords).Distinct(StringComparer.OrdinalIgnoreCase)]))
            return StoreError.OverQuota;
        if (messages.SelectMany(static m => m.Annotations).Any(a => a.Value?.Length > store.Options.AnnotationValueLimit))
            return StoreError.TooBig;
        if (messages.Any(m => m.Annotations.Count > store.Options.AnnotationLimit))
            return StoreError.OverQuota;
        long octets = messages.Sum(message => AnnotationsOf(message).Sum(static row => MetadataRoom.OctetsOf(row.Name, row.Value)));
        if (octets > 0 && !await account.Index.ReadAsync(index => account.Index.Room.TryTake(index, octets), ct))
            return StoreError.OverQuota;
        Result<Reservation> room = await account.Usage.ReserveAsync(new(messages.Sum(static m => m.Message.StoredOctets), messages.Count), ct);
        if (!room.Ok)
            return room.Error;
        using Reservation operation = room.Value;
        await Arrival.ReserveAsync(mailbox, messages.Count, ct);
        bool done = false;
        try
        {
            foreach (NewMessage message in messages)
            {
                FileError error = await PlaceAsync(message);
                if (error != FileError.None)
                    return store.Fail("appending", mailbox.Folder.Path, error);
            }

            IReadOnlyList<Uid> uids = await account.Mailboxes.AnnounceAsync(mailbox, _placed, operation, stay: false, CancellationToken.None);
            done = true;
            return new AppendOutcome(mailbox.Counters.UidValidity, uids);
        }
        finally
        {
            // Who is told that a message was not appended will append it again.
            if (!done && _placed.Count > 0)
                await Withdrawal.RunAsync(mailbox, _placed.Select(static arrival => arrival.FileName));
            foreach (IPlacement placement in _placements)
                await placement.DisposeAsync();
        }
    }

    private AnnotationRow[] AnnotationsOf(NewMessage message)
    {
        AnnotationKeys keys = new(account.Name, message.Author ?? account.Name);
        return
        [
            .. message.Annotations.Where(static a => a.Value is not null)
                .Select(a => new AnnotationRow(keys.Of(a.Entry, a.IsShared), a.Value!)).DistinctBy(static row => row.Name),
        ];
    }

    private async Task<FileError> PlaceAsync(NewMessage message)
    {
        IPlacement placement = store.Format.Place(message.Message);
        _placements.Add(placement);
        FileError error = await placement.PrepareAsync(mailbox, message.InternalDate, isOnly: true);
        if (error != FileError.None)
            return error;
        (error, Arrival? arrival) = await placement.PlaceAsync(mailbox, message.Flags, message.InternalDate ?? store.Time.GetUtcNow());
        if (arrival is not null)
            _placed.Add(arrival with { Annotations = AnnotationsOf(message) });
        return error;
    }
}
