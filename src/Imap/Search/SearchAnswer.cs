using FullStack.Imap.Annotations;
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
    public static readonly ImapCompletion UnknownCharset = ImapCompletion.No("That charset is not known here", "BADCHARSET (US-ASCII UTF-8)");

    /// <summary>"it SHOULD reject the command with a 'BAD' response (due to the conflicting charset labels)" (RFC 9755 §3); IMAP4rev2 permits the label.</summary>
    private static readonly ImapCompletion CharsetIsUtf8 = ImapCompletion.Bad("With UTF8=ACCEPT texts are UTF-8; say no charset");

    private static readonly ImapCompletion Unreadable = ImapCompletion.No("Some messages cannot be read now", "UNAVAILABLE");

    private static readonly ImapCompletion TagInUse = ImapCompletion.Bad("A search of that tag is still kept up to date");

    public static async ValueTask<ImapCompletion> SearchAsync(
        ImapSession session, SearchProgram program, bool byUid, string completed, CancellationToken ct)
    {
        if (program.NamesCharset && session.Enabled.HasFlag(ImapFeatures.Utf8Accept) && !session.IsRev2Enabled)
            return CharsetIsUtf8;
        if (session.IsRev2Enabled && !program.Return.IsExtended)
            program = program with { Return = new(SearchReturn.All, null) }; // RFC 9051 §6.4.4: ESEARCH in any case
        (program, ImapCompletion? refusal) = await PrepareAsync(session, program, ct);
        if (refusal is { } refused)
            return refused;
        if (await FindAsync(session, session.View, program, program.Return.Extent, ct) is not { } outcome)
            return UnknownCharset;
        Relevancy? relevancy = await RelevancyAsync(session, session.View, program, outcome, ct);
        await new SearchResponder(session, program, byUid, "SEARCH") { Relevancy = relevancy }.SendAsync(outcome.Numbers, ct);
        Keep(session, program, outcome, byUid, criteria: null);
        return Complete(session, program, outcome, completed);
    }

    public static async ValueTask<ImapCompletion> SortAsync(
        ImapSession session, IReadOnlyList<SortCriterion> criteria, SearchProgram program, bool byUid, string completed, CancellationToken ct)
    {
        (program, ImapCompletion? refusal) = await PrepareAsync(session, program, ct);
        if (refusal is { } refused)
            return refused;
        if (await FindAsync(session, session.View, program, SearchExtent.All, ct) is not { } outcome)
            return UnknownCharset;
        bool byRelevancy = criteria.Any(static criterion => criterion.Key == SortKey.Relevancy);
        Relevancy? relevancy = byRelevancy ? await Relevancy.FindAsync(session, session.View, program, outcome.Numbers, ct) : await RelevancyAsync(session, session.View, program, outcome, ct);
        MessageSorter sorter = new(session.View, criteria) { Relevancy = relevancy };
        outcome = outcome with { Numbers = await LongWait.ForAsync(session, token => sorter.SortAsync(outcome.Numbers, token), ct) };
        SearchResponder responder = new(session, program, byUid, "SORT") { Relevancy = program.Return.Has(SearchReturn.Relevancy) ? relevancy : null };
        await responder.SendAsync(outcome.Numbers, ct);
        Keep(session, program, outcome, byUid, criteria);
        return Complete(session, program, outcome, completed);
    }

    public static async ValueTask<ImapCompletion> ThreadAsync(
        ImapSession session, ThreadAlgorithm algorithm, SearchProgram program, bool byUid, string completed, CancellationToken ct)
    {
        (program, ImapCompletion? refusal) = await PrepareAsync(session, program, ct);
        if (refusal is { } refused)
            return refused;
        if (await FindAsync(session, session.View, program, SearchExtent.All, ct) is not { } outcome)
            return UnknownCharset;
        IReadOnlyList<ThreadNode> threads = await LongWait.ForAsync(session, token => MessageThreads.MakeAsync(session.View, outcome.Numbers, algorithm, token), ct);
        await new ThreadResponder(session, byUid).SendAsync(threads, ct);
        return Complete(session, program, outcome, completed);
    }

    /// <summary>The scores of what was found; null where they were not asked for.</summary>
    public static async ValueTask<Relevancy?> RelevancyAsync(ImapSession session, MailboxView view, SearchProgram program, SearchOutcome outcome, CancellationToken ct)
        => program.Return.Has(SearchReturn.Relevancy) ? await Relevancy.FindAsync(session, view, program, outcome.Numbers, ct) : null;

    /// <summary>What comes before a search: filters are put in, and searches that cannot be are refused.</summary>
    public static async ValueTask<(SearchProgram Program, ImapCompletion? Refusal)> PrepareAsync(ImapSession session, SearchProgram program, CancellationToken ct)
    {
        if (program.Return.Has(SearchReturn.Update) && session.Mailbox.Contexts.Has(session.Tag.Span))
            return (program, TagInUse);
        (program, ImapCompletion? refusal) = await FilterExpansion.RunAsync(session, program, ct);
        return (MessageLimit.Cut(session, program), refusal ?? (session.IsUidOnly && program.UsesNumbers ? ImapCompletion.UidRequired : null));
    }

    /// <returns>Null where the charset is not known: the answer is NO, and what was saved is forgotten (RFC 5182 §2.1).</returns>
    public static async ValueTask<SearchOutcome?> FindAsync(ImapSession session, MailboxView view, SearchProgram program, SearchExtent extent, CancellationToken ct)
    {
        SearchScope scope = ScopeOf(session, view);
        if (program.Return.Has(SearchReturn.Save))
            session.Mailbox.Saved = UidSet.Empty;
        if (program.Key is null)
            return null;
        if (program.UsesModSeq)
            session.EnableCondStore();
        if (program.Identities != IdentityParts.None)
        {
            Result<IReadOnlyList<MessageIdentity>> read = await view.IdentitiesAsync(
                [.. Enumerable.Range(1, view.Count).Select(view.UidOf)], program.Identities, ct);
            if (!read.Ok)
                return new SearchOutcome([], read.Error);
            scope = scope with { Identities = read.Value };
        }

        Result<SearchScope> resolved = await AnnotationSearch.ResolveAsync(view, program.Key, scope, ct);
        return resolved.Ok
            ? await LongWait.ForAsync(session, token => view.SearchAsync(program.Key.Resolve(resolved.Value), extent, token), ct)
            : new SearchOutcome([], resolved.Error);
    }

    public static ImapCompletion Complete(ImapSession session, SearchProgram program, SearchOutcome outcome, string completed)
    {
        if (outcome.Error != StoreError.None)
            return Unreadable;
        if (program.Return.Has(SearchReturn.Save))
            session.Mailbox.Saved = session.Mailbox.UidsOf(NumberRanges.From(program.Return.Returned(outcome.Numbers).Select(static number => (uint)number)));
        return ImapCompletion.Ok(completed, program.LimitCode);
    }

    /// <summary>Where UPDATE was asked for, keeps the results up to date from now on, or says that they will not be (RFC 5267 §4.3.1).</summary>
    public static void Keep(ImapSession session, SearchProgram program, SearchOutcome outcome, bool byUid, IReadOnlyList<SortCriterion>? criteria)
    {
        if (!program.Return.Has(SearchReturn.Update) || outcome.Error != StoreError.None)
            return;
        SearchContext context = new(session.Tag.ToArray(), program.Key!.Pin(ScopeOf(session, session.View), session.Mailbox.UidsOf), byUid)
        {
            Criteria = criteria,
            Identities = program.Identities,
            NewMessageItems = program.Return.NewMessageItems,
            Members = [.. outcome.Numbers.Select(number => session.View.UidOf(number).Value)],
            Version = session.View.Version,
        };
        // Scores are not kept, and annotations change: nothing can be put into its place by them.
        bool hasPlaces = criteria is null || criteria.All(static criterion => criterion.Key is not (SortKey.Relevancy or SortKey.Annotation));
        if (hasPlaces && session.Mailbox.Contexts.TryAdd(context))
            return;
        session.Writer.Write("* NO [NOUPDATE "u8);
        session.Writer.String(session.Tag.Span);
        session.Writer.Write("] These results are not kept up to date\r\n"u8);
    }

    /// <summary>What a search over a view is relative to now.</summary>
    public static SearchScope ScopeOf(ImapSession session, MailboxView view)
    {
        Uid last = view.Count == 0 ? new(1) : view.UidOf(view.Count);
        UidSet saved = session.Selection is { } selection && selection.View == view ? selection.Saved : UidSet.Empty;
        return new((uint)view.Count, last, saved, session.Environment.Time.GetUtcNow());
    }
}
