using FullStack.Imap.Server;
using FullStack.Store;
using FullStack.Store.Feed;
using FullStack.Store.Search;

namespace FullStack.Imap.Search;

/// <summary>Runs a search and answers it: the same for SEARCH and UID SEARCH but for the numbers told.</summary>
internal static class SearchAnswer
{
    private static readonly ImapCompletion UnknownCharset = ImapCompletion.No("That charset is not known here", "BADCHARSET (US-ASCII UTF-8)");
    private static readonly ImapCompletion Unreadable = ImapCompletion.No("Some messages cannot be read now", "UNAVAILABLE");

    public static async ValueTask<ImapCompletion> RunAsync(ImapSession session, SearchProgram program, bool byUid, string completed, CancellationToken ct)
    {
        SearchScope scope = ScopeOf(session);
        if (program.Return.Has(SearchReturn.Save))
            session.Mailbox.Saved = UidSet.Empty; // RFC 5182 §2.1: where the answer is NO nothing is saved
        if (program.Key is null)
            return UnknownCharset;
        if (program.UsesModSeq)
            session.EnableCondStore();
        SearchOutcome outcome = await session.View.SearchAsync(program.Key.Resolve(scope), program.Return.Extent, ct);
        await new SearchResponder(session, program, byUid).SendAsync(outcome.Numbers, ct);
        if (outcome.Error != StoreError.None)
            return Unreadable;
        Save(session, program.Return, outcome.Numbers);
        return ImapCompletion.Ok(completed);
    }

    private static SearchScope ScopeOf(ImapSession session)
    {
        MailboxView view = session.View;
        Uid last = view.Count == 0 ? new(1) : view.UidOf(view.Count);
        return new((uint)view.Count, last, session.Mailbox.Saved, session.Environment.Time.GetUtcNow());
    }

    private static void Save(ImapSession session, ReturnOptions wanted, IReadOnlyList<int> found)
    {
        if (wanted.Has(SearchReturn.Save))
            session.Mailbox.Saved = session.Mailbox.UidsOf(NumberRanges.From(wanted.Returned(found).Select(static number => (uint)number)));
    }
}
