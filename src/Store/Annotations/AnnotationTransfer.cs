using FullStack.Store.Accounts;
using FullStack.Store.Index;
using FullStack.Store.Mailboxes;

namespace FullStack.Store.Annotations;

/// <summary>Gives copies the annotations of their originals: those that all share and the copying user's own (RFC 5257 §4.6).</summary>
/// <remarks>
/// Messages that are moved keep all they have: their rows go along (<see cref="MessageTable.Depart"/>). Copies get theirs once they are
/// in the target and before the COPY is acknowledged; a crash in between leaves copies without, which were not acknowledged.
/// </remarks>
internal static class AnnotationTransfer
{
    /// <summary>Messages copied in one transaction: their annotations are in memory at once.</summary>
    private const int BatchMessages = 16;

    /// <param name="source">Where the originals are.</param>
    /// <param name="keys">What the user sees there.</param>
    /// <param name="place">Where the copies are.</param>
    /// <param name="targetKeys">What the user sees there.</param>
    /// <param name="outcome">The copies.</param>
    /// <returns>Whether the target's account had room for all of them.</returns>
    /// <exception cref="IOException">An index cannot be used.</exception>
    public static async Task<bool> CopyAsync(Mailbox source, AnnotationKeys keys, TransferTarget place, AnnotationKeys targetKeys, CopyOutcome outcome)
    {
        (long from, uint first, uint last) = (source.Counters.Id, outcome.Source.Min(static uid => uid.Value), outcome.Source.Max(static uid => uid.Value));
        List<(uint Uid, string Name)> names = await source.Index.ReadAsync(index => AnnotationTable.LoadNames(index, from, first, last), CancellationToken.None);
        HashSet<uint> annotated = [.. names.Where(a => keys.IsVisible(a.Name)).Select(static a => a.Uid)];
        (Uid Original, Uid Copy)[] pairs = [.. outcome.Source.Zip(outcome.Target).Where(pair => annotated.Contains(pair.First.Value))];
        if (pairs.Length == 0)
            return true;
        Result<Mailbox> target = await place.Account.Mailboxes.FindAsync(place.Name, CancellationToken.None);
        if (!target.Ok)
            return true;
        bool maySetShared = place.Flags.HasFlag(FlagKinds.Others);
        foreach ((Uid Original, Uid Copy)[] batch in pairs.Chunk(BatchMessages))
        {
            Dictionary<Uid, IReadOnlyList<Annotation>> found = await AnnotationReader.ReadAsync(source, keys, [.. batch.Select(static p => p.Original)], CancellationToken.None);
            List<(uint Uid, string Name, byte[] Value)> rows =
            [
                .. batch.SelectMany(pair => (found.GetValueOrDefault(pair.Original) ?? []).Where(a => maySetShared || !a.IsShared)
                    .Select(a => (pair.Copy.Value, targetKeys.Of(a.Entry, a.IsShared), a.Value))),
            ];
            if (!await PutAsync(target.Value, outcome.UidValidity, rows))
                return false;
        }

        return true;
    }

    private static async Task<bool> PutAsync(Mailbox target, UidValidity validity, List<(uint Uid, string Name, byte[] Value)> rows)
    {
        using (await target.EnterAsync(CancellationToken.None))
        {
            if (!target.IsLoaded || target.Counters.UidValidity != validity)
                return true;
            long id = target.Counters.Id;
            bool hasRoom = true;
            await target.Index.CommitAsync(index =>
            {
                if (hasRoom = target.Index.Room.TryTake(index, rows.Sum(static row => MetadataRoom.OctetsOf(row.Name, row.Value))))
                    rows.ForEach(row => AnnotationTable.Put(index, id, row.Uid, row.Name, row.Value));
            }, CancellationToken.None);
            if (hasRoom)
                rows.ForEach(row => target.List.Touch(new(row.Uid)));
            return hasRoom;
        }
    }
}
