using FullStack.Imap.Responses;
using FullStack.Imap.Server;
using FullStack.Store;
using FullStack.Store.Feed;

namespace FullStack.Imap.Resync;

/// <summary>Tells a client which of the messages that it knew are gone: VANISHED (EARLIER).</summary>
/// <remarks>RFC 7162 §3.2.6 and §3.2.10.1.</remarks>
internal static class VanishedEarlier
{
    /// <param name="session">Whose client is told.</param>
    /// <param name="known">The UIDs it asks about.</param>
    /// <param name="since">Only what was expunged after this.</param>
    /// <param name="above">Only UIDs above this one.</param>
    /// <param name="ct">Ends the wait.</param>
    public static async ValueTask<StoreError> SendAsync(ImapSession session, NumberRanges known, ModSeq since, uint above, CancellationToken ct)
    {
        MailboxView view = session.View;
        Result<UidSet?> expunged = await view.ExpungedSinceAsync(since, ct);
        if (!expunged.Ok)
            return expunged.Error;

        // A message that this view still numbers must not be told as gone earlier, or its number would never go: its turn comes. Where
        // the mailbox does not remember so far back, all that is not there may have gone since (§3.2.6).
        NumberRanges gone = NumbersNotIn(view).Intersect(known).Intersect(Between(above, view.UidNext));
        if (expunged.Value is { } remembered)
            gone = gone.Intersect(remembered.Ranges);
        if (!gone.IsEmpty)
            Write(session.Writer, "* VANISHED (EARLIER) "u8, gone);
        return StoreError.None;
    }

    public static void Write(ImapResponseWriter writer, ReadOnlySpan<byte> start, NumberRanges uids)
    {
        writer.Write(start);
        writer.NumberSet(uids);
        writer.EndLine();
    }

    private static NumberRanges Between(uint above, Uid next)
        => above + 1 < next.Value ? NumberRanges.From([new NumberRange(above + 1, next.Value - 1)]) : NumberRanges.Empty;

    private static NumberRanges NumbersNotIn(MailboxView view)
        => NumberRanges.From(Enumerable.Range(1, view.Count).Select(number => view.UidOf(number).Value)).Complement();
}
