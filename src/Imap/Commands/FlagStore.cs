using System.Diagnostics.CodeAnalysis;
using FullStack.Imap.Grammar;
using FullStack.Imap.Server;
using FullStack.Store;
using FullStack.Store.Feed;
using FullStack.Store.Mailboxes;

namespace FullStack.Imap.Commands;

/// <summary>What STORE and UID STORE have in common: the change, its condition, and how it is told.</summary>
/// <param name="Change">The change of flags.</param>
/// <param name="UnchangedSince">Only messages without a higher mod-sequence are changed; null: no condition.</param>
/// <param name="Silent">The client does not ask for the new flags.</param>
internal sealed record FlagStore(FlagChange Change, ModSeq? UnchangedSince, bool Silent) : IMessageStore
{
    /// <summary>(["+" / "-"] "FLAGS" [".SILENT"]) SP (flag-list / (flag *(SP flag))) (RFC 3501 §9 store-att-flags)</summary>
    public static bool TryRead(ref ImapReader reader, ModSeq? unchangedSince, [NotNullWhen(true)] out FlagStore? store)
    {
        store = null;
        FlagOperation operation = reader.TryReadOctet((byte)'+') ? FlagOperation.Add
            : reader.TryReadOctet((byte)'-') ? FlagOperation.Remove : FlagOperation.Replace;
        if (!reader.TryReadWord("FLAGS"u8))
            return false;
        bool silent = reader.TryReadWord(".SILENT"u8);
        if (!reader.TryReadSpace() || !(reader.TryReadFlagList(out MessageFlags? flags) || reader.TryReadFlags(out flags)))
            return false;
        store = new(new(operation, flags), unchangedSince, silent);
        return true;
    }

    /// <summary>Changes the flags and tells the new ones.</summary>
    public async ValueTask<ImapCompletion> RunAsync(ImapSession session, UidSet uids, NumberRanges? numbers, CancellationToken ct)
    {
        if (UnchangedSince is not null)
            session.EnableCondStore();
        // "STORE operation SHOULD NOT fail if the user has rights to modify at least one flag" (RFC 4314 §4).
        FlagChange change = Change.Only(session.Mailbox.Place.Flags);
        if (change.Kinds == FlagKinds.None && Change.Kinds != FlagKinds.None)
            return ImapCompletion.No(StoreError.Denied);
        // Always silent towards the view: the answer below names every message, changed or not (RFC 3501 §6.4.6).
        Result<StoreOutcome> stored = await session.View.StoreFlagsAsync(uids, change, UnchangedSince, silent: true, ct);
        if (!stored.Ok)
            return ImapCompletion.No(stored.Error);

        await TellAsync(session, stored.Value.Stored, withUid: numbers is null, silent: Silent && change.Kinds == Change.Kinds, ct);
        return Complete(session, stored.Value, numbers);
    }

    /// <summary>The answer to a STORE that was done, but for messages that had changed or are gone.</summary>
    public static ImapCompletion Complete(ImapSession session, StoreOutcome outcome, NumberRanges? numbers)
    {
        if (!outcome.Modified.IsEmpty)
            return ImapCompletion.Ok("Some messages changed meanwhile", ResponseCodes.Modified(Named(session, outcome.Modified, numbers)));
        // RFC 2180 §4.2: a client that counts on messages another session expunged has to hear that they are gone.
        return numbers is null || session.Mailbox.HasAll(numbers) ? ImapCompletion.Ok("STORE completed") : ImapCompletion.ExpungeIssued;
    }

    private static NumberRanges Named(ImapSession session, UidSet uids, NumberRanges? numbers)
        => numbers is null ? uids.Ranges : NumberRanges.From(session.Mailbox.NumbersOf(uids).Select(static number => (uint)number));

    /// <summary>One FETCH for each message: its flags, and MODSEQ for those who know it, for whom .SILENT leaves out the flags only (RFC 7162 §3.1.3).</summary>
    /// <remarks>A change of which only a part was permitted is never silent: the client would believe in the whole.</remarks>
    private static async ValueTask TellAsync(ImapSession session, UidSet uids, bool withUid, bool silent, CancellationToken ct)
    {
        if (silent && !session.IsCondStoreEnabled)
            return;
        MailboxView view = session.View;
        MailboxUpdates.SendNewKeywords(session.Writer, session.Mailbox);
        foreach (int number in session.Mailbox.NumbersOf(uids))
        {
            if (view.Entry(number) is { } entry)
                MailboxUpdates.SendFlags(session, number, entry, withUid, withFlags: !silent);
            await session.Connection.FlushIfLargeAsync(ct);
        }
    }
}
