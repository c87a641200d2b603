using FullStack.Imap.Server;
using FullStack.Store;

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
        SearchOutcome outcome = await new MailboxSearch(session.View, program).RunAsync(ct);
        await new SearchResponder(session, program, byUid).SendAsync(outcome.Numbers, ct);
        return outcome.Error == StoreError.None
            ? ImapCompletion.Ok(completed)
            : ImapCompletion.No("Some messages cannot be read now", "UNAVAILABLE");
    }
}
