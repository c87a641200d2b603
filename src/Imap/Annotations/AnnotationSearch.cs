using FullStack.Imap.Search;
using FullStack.Store;
using FullStack.Store.Feed;

namespace FullStack.Imap.Annotations;

/// <summary>Finds the messages that meet a search's conditions on annotations, before the search is run.</summary>
internal static class AnnotationSearch
{
    /// <summary>The scope with what was found.</summary>
    public static async ValueTask<Result<SearchScope>> ResolveAsync(MailboxView view, SearchKey key, SearchScope scope, CancellationToken ct)
    {
        Dictionary<AnnotationCondition, UidSet> met = [];
        foreach (AnnotationCondition condition in key.Conditions())
        {
            if (met.ContainsKey(condition))
                continue;
            Result<UidSet> found = await view.AnnotatedAsync(condition.IsMetBy, ct);
            if (!found.Ok)
                return found.Error;
            met[condition] = found.Value;
        }

        return met.Count == 0 ? scope : scope with { Annotated = met };
    }
}
