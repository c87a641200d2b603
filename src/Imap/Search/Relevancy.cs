using FullStack.Imap.Server;
using FullStack.Store;
using FullStack.Store.Feed;
using FullStack.Store.Search;

namespace FullStack.Imap.Search;

/// <summary>How well messages match a FUZZY search: by how near to the texts asked for theirs are (RFC 6203 §4).</summary>
internal sealed class Relevancy
{
    private const int OfExact = 100, OfWords = 60, OfLoose = 20;

    private readonly HashSet<int> _words, _exact;

    private Relevancy(HashSet<int> words, HashSet<int> exact) => (_words, _exact) = (words, exact);

    /// <summary>Asks the messages found again, more strictly each time.</summary>
    public static async ValueTask<Relevancy> FindAsync(ImapSession session, MailboxView view, SearchProgram program, IReadOnlyList<int> found, CancellationToken ct)
    {
        SearchScope scope = SearchAnswer.ScopeOf(session, view);
        if (program.Identities != Store.Identity.IdentityParts.None)
        {
            Result<IReadOnlyList<Store.Identity.MessageIdentity>> read = await view.IdentitiesAsync([.. found.Select(view.UidOf)], program.Identities, ct);
            scope = scope with { Identities = read.Ok ? read.Value : [] };
        }

        if (await Annotations.AnnotationSearch.ResolveAsync(view, program.Key!, scope, ct) is { Ok: true } resolved)
            scope = resolved.Value;
        SearchOutcome words = await view.SearchAsync(program.Key!.Resolve(scope with { Nearness = Nearness.Words }), found, ct);
        SearchOutcome exact = await view.SearchAsync(program.Key.Resolve(scope with { Nearness = Nearness.Exact }), words.Numbers, ct);
        return new([.. words.Numbers], [.. exact.Numbers]);
    }

    /// <summary>A message's score, from 1 to 100.</summary>
    public int ScoreOf(int number) => _exact.Contains(number) ? OfExact : _words.Contains(number) ? OfWords : OfLoose;
}
