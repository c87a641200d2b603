using FullStack.Imap.Annotations;
using FullStack.Imap.Responses;
using FullStack.Imap.Search;
using FullStack.Imap.Server;
using FullStack.Imap.Sorting;
using FullStack.Store;
using FullStack.Store.Feed;
using FullStack.Store.Identity;
using FullStack.Store.Search;

namespace FullStack.Imap.Contexts;

/// <summary>What one synchronisation means for the results of contexts: what leaves them and what comes to them.</summary>
/// <remarks>
/// RFC 5267 §4.3.2 to §4.3.4. Messages that are gone leave before their EXPUNGE, while their numbers mean something; all else comes after
/// the EXISTS and FETCH that caused it. Which messages have to be looked at is found by comparing versions of the mailbox, so that
/// nothing has to be remembered of changes in between.
/// </remarks>
internal sealed class ContextUpdates(ImapSession session, ImapSelection selection)
{
    private readonly ImapResponseWriter _writer = session.Writer;
    private readonly MailboxView _view = selection.View;

    /// <summary>How the results of one context change, apart from messages that are gone.</summary>
    public sealed record Change(SearchContext Context, ViewVersion Version, IReadOnlySet<uint> Left, IReadOnlyList<int> Came);

    /// <summary>Takes messages that are gone out of all results.</summary>
    /// <param name="gone">Their UIDs, and the numbers that the client knows them by.</param>
    public async ValueTask SendGoneAsync(IReadOnlyDictionary<uint, uint> gone, CancellationToken ct)
    {
        if (gone.Count == 0)
            return;
        foreach (SearchContext context in selection.Contexts.All)
            await RemoveAsync(context, gone.Keys.ToHashSet(), uid => context.ByUid ? uid : gone[uid], ct);
    }

    /// <summary>Asks every context of the messages that changed or came.</summary>
    public async ValueTask<IReadOnlyList<Change>> FindAsync(CancellationToken ct)
    {
        List<Change> changes = [];
        foreach (SearchContext context in selection.Contexts.All)
        {
            if (await FindAsync(context, ct) is { } change)
                changes.Add(change);
        }

        return changes;
    }

    /// <summary>Tells the client of a change, and makes it.</summary>
    public async ValueTask SendAsync(Change change, CancellationToken ct)
    {
        SearchContext context = change.Context;
        await RemoveAsync(context, change.Left, uid => Named(context, uid), ct);
        if (change.Came.Count > 0 && context.Criteria is null)
            await AppendAsync(context, change.Came, ct);
        else if (change.Came.Count > 0)
            await InsertAsync(context, new(_view, context.Criteria!), change.Came, ct);
        context.Version = change.Version;
    }

    private async ValueTask<Change?> FindAsync(SearchContext context, CancellationToken ct)
    {
        ViewVersion now = _view.Version;
        SortedSet<int> candidates = [.. _view.ChangedSince(context.Version)];
        if (context.Version.LastUid != now.LastUid)
        {
            // "*" means another message now: it means neither of the two any more, or again.
            candidates.UnionWith(new[] { context.Version.LastUid is { } last ? _view.NumberOf(last) : 0, _view.Count }.Where(static number => number > 0));
        }

        if (candidates.Count == 0)
            return null;
        int[] numbers = [.. candidates];
        SearchScope scope = new((uint)_view.Count, now.LastUid ?? new(1), UidSet.Empty, session.Environment.Time.GetUtcNow());
        if (context.Identities != IdentityParts.None)
        {
            Result<IReadOnlyList<MessageIdentity>> read = await _view.IdentitiesAsync([.. numbers.Select(_view.UidOf)], context.Identities, ct);
            if (!read.Ok)
                return null;
            scope = scope with { Identities = read.Value };
        }

        Result<SearchScope> resolved = await AnnotationSearch.ResolveAsync(_view, context.Key, scope, ct);
        if (!resolved.Ok)
            return null;
        SearchOutcome outcome = await _view.SearchAsync(context.Key.Resolve(resolved.Value), numbers, ct);
        if (outcome.Error != StoreError.None)
            return null; // What could not be read is looked at again next time.
        HashSet<uint> asked = [.. numbers.Select(number => _view.UidOf(number).Value)];
        HashSet<uint> left = [.. context.Members.Where(asked.Contains)];
        List<int> came = [];
        foreach (int number in outcome.Numbers)
        {
            if (!left.Remove(_view.UidOf(number).Value))
                came.Add(number);
        }

        return new(context, now, left, came);
    }

    /// <summary>REMOVEFROM; of sorted results the last places first, so that the others keep theirs.</summary>
    private async ValueTask RemoveAsync(SearchContext context, IReadOnlySet<uint> removed, Func<uint, uint> named, CancellationToken ct)
    {
        List<uint> kept = [];
        List<(int Place, uint Uid)> leaving = [];
        for (int i = 0; i < context.Members.Count; i++)
        {
            if (removed.Contains(context.Members[i]))
                leaving.Add((i + 1, context.Members[i]));
            else
                kept.Add(context.Members[i]);
        }

        if (leaving.Count == 0)
            return;
        Begin(context, " REMOVEFROM ("u8);
        if (context.Criteria is null)
        {
            _writer.Write("0 "u8);
            await OrderedSet.SendAsync(session.Connection, _writer, leaving.Count, i => named(leaving[i].Uid), ct);
        }
        else
        {
            for (int end = leaving.Count; end > 0;)
            {
                int start = end - 1;
                while (start > 0 && leaving[start - 1].Place == leaving[start].Place - 1)
                    start--;
                await SendRunAsync(leaving[start].Place, isFirst: end == leaving.Count, end - start, i => named(leaving[start + i].Uid), ct);
                end = start;
            }
        }

        End();
        context.Members = kept;
    }

    private async ValueTask AppendAsync(SearchContext context, IReadOnlyList<int> came, CancellationToken ct)
    {
        Begin(context, " ADDTO (0 "u8);
        await OrderedSet.SendAsync(session.Connection, _writer, came.Count, i => context.ByUid ? _view.UidOf(came[i]).Value : (uint)came[i], ct);
        End();
        bool isSorted = context.Members.Count == 0 || context.Members[^1] < _view.UidOf(came[0]).Value;
        context.Members.AddRange(came.Select(number => _view.UidOf(number).Value));
        if (!isSorted)
            context.Members.Sort();
    }

    /// <summary>ADDTO at the places that the order gives, the first ones first.</summary>
    private async ValueTask InsertAsync(SearchContext context, MessageSorter sorter, IReadOnlyList<int> came, CancellationToken ct)
    {
        List<ResultPlacement.Place>? places;
        while (true)
        {
            ResultPlacement placement = new(_view, sorter, context.Members);
            places = await placement.FindAsync(came, ct);
            if (places is not null)
                break;
            await RemoveAsync(context, placement.Gone, uid => Named(context, uid), ct); // expunged in this moment, and numbered still
        }

        if (places.Count == 0)
            return;
        Begin(context, " ADDTO ("u8);
        List<uint> members = new(context.Members.Count + places.Count);
        int taken = 0;
        for (int start = 0, end = 0; start < places.Count; start = end)
        {
            int before = places[start].Before;
            while (end < places.Count && places[end].Before == before)
                end++;
            members.AddRange(context.Members.GetRange(taken, before - taken));
            taken = before;
            int from = start;
            await SendRunAsync(before + start + 1, isFirst: start == 0, end - start, i => Named(context, places[from + i].Uid), ct);
            members.AddRange(places.GetRange(start, end - start).Select(static place => place.Uid));
        }

        members.AddRange(context.Members.GetRange(taken, context.Members.Count - taken));
        End();
        context.Members = members;
    }

    private async ValueTask SendRunAsync(int place, bool isFirst, int length, Func<int, uint> numberAt, CancellationToken ct)
    {
        if (!isFirst)
            _writer.Space();
        _writer.Number((uint)place);
        _writer.Space();
        await OrderedSet.SendAsync(session.Connection, _writer, length, numberAt, ct);
    }

    private uint Named(SearchContext context, uint uid) => context.ByUid ? uid : (uint)_view.NumberOf(new(uid));

    private void Begin(SearchContext context, ReadOnlySpan<byte> change)
    {
        _writer.Write("* ESEARCH (TAG "u8);
        _writer.String(context.Tag.Span);
        _writer.Write((byte)')');
        if (context.ByUid)
            _writer.Write(" UID"u8);
        _writer.Write(change);
    }

    private void End()
    {
        _writer.Write((byte)')');
        _writer.EndLine();
    }
}
