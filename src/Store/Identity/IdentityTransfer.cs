using FullStack.Store.Accounts;
using FullStack.Store.Index;
using FullStack.Store.Mailboxes;
using FullStack.Store.SideFiles;

namespace FullStack.Store.Identity;

/// <summary>Lets copied and moved messages keep their email ids and threads, and gives them the date on which they came.</summary>
internal static class IdentityTransfer
{
    /// <summary>Runs a transfer and carries over what is known of its messages.</summary>
    /// <exception cref="IOException">The index cannot be used.</exception>
    public static async Task<Result<CopyOutcome>> RunAsync(
        Mailbox source, TransferTarget place, UidSet uids, Func<Task<Result<CopyOutcome>>> transfer, CancellationToken ct)
    {
        Dictionary<uint, MessageEntry> entries = source.Snapshot.Messages.In(uids).ToDictionary(static entry => entry.Uid.Value);
        Dictionary<uint, MessageDetails> details = [];
        if (entries.Count > 0)
        {
            await source.Index.FlushAsync(durable: false, ct);
            (long id, uint first, uint last) = (source.Counters.Id, entries.Keys.Min(), entries.Keys.Max());
            details = await source.Index.ReadAsync(index => DetailTable.Load(index, id, first, last), ct);
        }

        Result<CopyOutcome> outcome = await transfer();
        if (!outcome.Ok || outcome.Value.Target.Count == 0)
            return outcome;
        if (place.Account.Mailboxes.Opened(place.Name) is { } target) // It is there already: nothing may fail from here on.
            await PutAsync(source, target, outcome.Value, entries, details);
        return outcome;
    }

    private static async Task PutAsync(Mailbox source, Mailbox target, CopyOutcome outcome, Dictionary<uint, MessageEntry> entries, Dictionary<uint, MessageDetails> details)
    {
        bool sameThreads = ReferenceEquals(source.Index, target.Index); // An account's threads are numbered by its own index.
        long now = target.Store.Time.GetUtcNow().ToUnixTimeSeconds();
        using (await target.EnterAsync(CancellationToken.None))
        {
            if (!target.IsLoaded || target.Counters.UidValidity != outcome.UidValidity)
                return;
            for (int i = 0; i < outcome.Target.Count; i++)
            {
                if (!entries.TryGetValue(outcome.Source[i].Value, out MessageEntry? entry))
                    continue;
                MessageDetails known = details.GetValueOrDefault(entry.Uid.Value);
                target.Index.PostDetails(
                    target.Counters.Id, outcome.Target[i], new(null, known.EmailId ?? MessageIdentity.OwnEmailId(entry), sameThreads ? known.Thread : 0, now));
                target.List.Touch(outcome.Target[i]);
            }
        }
    }
}
