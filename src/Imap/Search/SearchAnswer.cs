using FullStack.Imap.Server;
using FullStack.Store;
using FullStack.Store.Feed;
using FullStack.Store.Search;

namespace FullStack.Imap.Search;

/// <summary>Runs a search and answers it: the same for SEARCH and UID SEARCH but for the numbers told.</summary>
internal static class SearchAnswer
{
    public static async ValueTask<ImapCompletion> RunAsync(
        ImapSession session, SearchProgram? program, bool byUid, string completed, CancellationToken ct)
    {
        if (program is null)
            return ImapCompletion.No("That charset is not known here", "BADCHARSET (US-ASCII UTF-8)");
        if (program.UsesModSeq)
            session.EnableCondStore();
        MailboxView view = session.View;
        MessageQuery query = program.Key.Resolve((uint)view.Count, view.Count == 0 ? new(1) : view.UidOf(view.Count));
        SearchOutcome outcome = await view.SearchAsync(query, ExtentOf(program.Return), ct);
        await new SearchResponder(session, program, byUid).SendAsync(outcome.Numbers, ct);
        return outcome.Error == StoreError.None
            ? ImapCompletion.Ok(completed)
            : ImapCompletion.No("Some messages cannot be read now", "UNAVAILABLE");
    }

    /// <summary>Where only the first or the last message is asked for, the others need not be looked at.</summary>
    private static SearchExtent ExtentOf(SearchReturn wanted) => wanted switch
    {
        SearchReturn.Min => SearchExtent.First,
        SearchReturn.Max => SearchExtent.Last,
        SearchReturn.Min | SearchReturn.Max => SearchExtent.FirstAndLast,
        _ => SearchExtent.All,
    };
}
