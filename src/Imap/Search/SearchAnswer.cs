using FullStack.Imap.Contexts;
using FullStack.Imap.Server;
using FullStack.Imap.Sorting;
using FullStack.Imap.Threading;
using FullStack.Store;
using FullStack.Store.Feed;
using FullStack.Store.Identity;
using FullStack.Store.Search;

namespace FullStack.Imap.Search;

/// <summary>Runs a search and answers it: as a list, in an order, or as threads; by message numbers or by UIDs.</summary>
internal static class SearchAnswer
{
    private static readonly ImapCompletion UnknownCharset = ImapCompletion.No("That charset is not known here", "BADCHARSET (US-ASCII UTF-8)");

    /// <summary>"it SHOULD reject the command with a 'BAD' response (due to the conflicting charset labels)" (RFC 9755 §3); IMAP4rev2 permits the label.</summary>
    private static readonly ImapCompletion CharsetIsUtf8 = ImapCompletion.Bad("With UTF8=ACCEPT texts are UTF-8; say no charset");

    private static readonly ImapCompletion Unreadable = ImapCompletion.No("Some messages cannot be read now", "UNAVAILABLE");

    private static readonly ImapCompletion TagInUse = ImapCompletion.Bad("A search of that tag is still kept up to date");

    public static async ValueTask<ImapCompletion> SearchAsync(
        ImapSession session, SearchProgram program, bool byUid, string completed, CancellationToken ct)
    {
        if (IsTagInUse(session, program))
            return TagInUse;
        if (program.NamesCharset && session.Enabled.HasFlag(ImapFeatures.Utf8Accept) && !session.IsRev2Enabled)
            return CharsetIsUtf8;
        if (session.IsRev2Enabled && !program.Return.IsExtended)
            program = program with { Return = new(SearchReturn.All, null) }; // RFC 9051 §6.4.4: ESEARCH in any case
        if (await FindAsync(session, program, program.Return.Extent, ct) is not { } outcome)
            return UnknownCharset;
        await new SearchResponder(session, program, byUid, "SEARCH").SendAsync(outcome.Numbers, ct);
        Keep(session, program, outcome, byUid, criteria: null);
        return Complete(session, program, outcome, completed);
    }

    public static async ValueTask<ImapCompletion> SortAsync(
        ImapSession session, IReadOnlyList<SortCriterion> criteria, SearchProgram program, bool byUid, string completed, CancellationToken ct)
    {
        if (IsTagInUse(session, program))
            return TagInUse;
        if (await FindAsync(session, program, SearchExtent.All, ct) is not { } outcome)
            return UnknownCharset;
        outcome = outcome with { Numbers = await new MessageSorter(session.View, criteria).SortAsync(outcome.Numbers, ct) };
        await new SearchResponder(session, program, byUid, "SORT").SendAsync(outcome.Numbers, ct);
        Keep(session, program, outcome, byUid, criteria);
        return Complete(session, program, outcome, completed);
    }

    public static async ValueTask<ImapCompletion> ThreadAsync(
        ImapSession session, ThreadAlgorithm algorithm, SearchProgram program, bool byUid, string completed, CancellationToken ct)
    {
        if (await FindAsync(session, program, SearchExtent.All, ct) is not { } outcome)
            return UnknownCharset;
        IReadOnlyList<ThreadNode> threads = await MessageThreads.MakeAsync(session.View, outcome.Numbers, algorithm, ct);
        await new ThreadResponder(session, byUid).SendAsync(threads, ct);
        return Complete(session, program, outcome, completed);
    }

    /// <returns>Null where the charset is not known: the answer is NO, and what was saved is forgotten (RFC 5182 §2.1).</returns>
    private static async ValueTask<SearchOutcome?> FindAsync(ImapSession session, SearchProgram program, SearchExtent extent, CancellationToken ct)
    {
        SearchScope scope = ScopeOf(session);
        if (program.Return.Has(SearchReturn.Save))
            session.Mailbox.Saved = UidSet.Empty;
        if (program.Key is null)
            return null;
        if (program.UsesModSeq)
            session.EnableCondStore();
        if (program.Identities != IdentityParts.None)
        {
            Result<IReadOnlyList<MessageIdentity>> read = await session.View.IdentitiesAsync(
                [.. Enumerable.Range(1, session.View.Count).Select(session.View.UidOf)], program.Identities, ct);
            if (!read.Ok)
                return new SearchOutcome([], read.Error);
            scope = scope with { Identities = read.Value };
        }

        return await session.View.SearchAsync(program.Key.Resolve(scope), extent, ct);
    }

    private static ImapCompletion Complete(ImapSession session, SearchProgram program, SearchOutcome outcome, string completed)
    {
        if (outcome.Error != StoreError.None)
            return Unreadable;
        if (program.Return.Has(SearchReturn.Save))
            session.Mailbox.Saved = session.Mailbox.UidsOf(NumberRanges.From(program.Return.Returned(outcome.Numbers).Select(static number => (uint)number)));
        return ImapCompletion.Ok(completed);
    }

    private static bool IsTagInUse(ImapSession session, SearchProgram program)
        => program.Return.Has(SearchReturn.Update) && session.Mailbox.Contexts.Has(session.Tag.Span);

    /// <summary>Where UPDATE was asked for, keeps the results up to date from now on, or says that they will not be (RFC 5267 §4.3.1).</summary>
    private static void Keep(ImapSession session, SearchProgram program, SearchOutcome outcome, bool byUid, IReadOnlyList<SortCriterion>? criteria)
    {
        if (!program.Return.Has(SearchReturn.Update) || outcome.Error != StoreError.None)
            return;
        SearchContext context = new(session.Tag.ToArray(), program.Key!.Pin(ScopeOf(session), session.Mailbox.UidsOf), byUid)
        {
            Criteria = criteria,
            Identities = program.Identities,
            NewMessageItems = program.Return.NewMessageItems,
            Members = [.. outcome.Numbers.Select(number => session.View.UidOf(number).Value)],
            Version = session.View.Version,
        };
        if (session.Mailbox.Contexts.TryAdd(context))
            return;
        session.Writer.Write("* NO [NOUPDATE "u8);
        session.Writer.String(session.Tag.Span);
        session.Writer.Write("] Too many results are kept up to date\r\n"u8);
    }

    private static SearchScope ScopeOf(ImapSession session)
    {
        MailboxView view = session.View;
        Uid last = view.Count == 0 ? new(1) : view.UidOf(view.Count);
        return new((uint)view.Count, last, session.Mailbox.Saved, session.Environment.Time.GetUtcNow());
    }
}
