using FullStack.Mime;
using FullStack.Store;
using FullStack.Store.Feed;
using FullStack.Store.Mailboxes;

namespace FullStack.Imap.Search;

/// <summary>What a search found.</summary>
/// <param name="Numbers">Message numbers, rising.</param>
/// <param name="Error">Why some message could not be looked into; <see cref="StoreError.None"/> where all could.</param>
internal sealed record SearchOutcome(IReadOnlyList<int> Numbers, StoreError Error);

/// <summary>Runs one search over a view: from memory as far as that goes, then structures, then the messages themselves.</summary>
internal sealed class MailboxSearch
{
    /// <summary>Messages whose structures are fetched at a time.</summary>
    private const int BatchMessages = 128;

    private readonly MailboxView _view;
    private readonly SearchProgram _program;
    private readonly SearchKey _key;
    private readonly List<int> _found = [];
    private readonly List<MessageFacts> _undecided = new(BatchMessages);
    private StoreError _error;

    public MailboxSearch(MailboxView view, SearchProgram program)
    {
        _view = view;
        _program = program;
        _key = program.Key.Resolve((uint)view.Count, view.Count == 0 ? new(1) : view.UidOf(view.Count));
    }

    public async ValueTask<SearchOutcome> RunAsync(CancellationToken ct)
    {
        SearchReturn wanted = _program.Return;
        if (wanted is not (SearchReturn.Min or SearchReturn.Max or (SearchReturn.Min | SearchReturn.Max)))
        {
            await CollectAsync(Enumerable.Range(1, _view.Count), onlyFirst: false, ct);
        }
        else
        {
            // Only the first or the last one is asked for: the others need not be looked at.
            if (wanted != SearchReturn.Max)
                await CollectAsync(Enumerable.Range(1, _view.Count), onlyFirst: true, ct);
            int least = _found.Count == 0 ? 1 : _found[0] + 1;
            if (wanted == SearchReturn.Max || (wanted != SearchReturn.Min && _found.Count > 0))
                await CollectAsync(Enumerable.Range(least, _view.Count - least + 1).Reverse(), onlyFirst: true, ct);
        }

        _found.Sort();
        return new(_found, _error);
    }

    /// <summary>Looks at messages in the order given, and adds those that match, or the first of them, to what was found.</summary>
    private async ValueTask CollectAsync(IEnumerable<int> numbers, bool onlyFirst, CancellationToken ct)
    {
        int before = _found.Count;
        foreach (int number in numbers)
        {
            if (_view.Entry(number) is not { } entry)
                continue;
            MessageFacts message = new(number, entry, _view.IsRecent(number), _program.Texts.Count);
            bool? matches = SearchEvaluator.Matches(_key, message);
            if (matches is null)
                _undecided.Add(message);
            if (_undecided.Count == BatchMessages || (onlyFirst && matches == true))
                await DecideAsync(onlyFirst, ct);
            if (matches == true && !(onlyFirst && _found.Count > before))
                _found.Add(number);
            if (onlyFirst && _found.Count > before)
                return;
        }

        await DecideAsync(onlyFirst, ct);
    }

    /// <summary>Fetches the structures of the messages that are still undecided, and opens those whose structure does not tell.</summary>
    private async ValueTask DecideAsync(bool onlyFirst, CancellationToken ct)
    {
        if (_undecided.Count == 0)
            return;
        int next = 0;
        await foreach ((Uid uid, MimeMessage structure) in _view.StructuresAsync([.. _undecided.Select(static m => m.Entry.Uid)], ct))
        {
            while (_undecided[next].Entry.Uid != uid)
                next++;
            _undecided[next++].Structure = structure;
        }

        foreach (MessageFacts message in _undecided)
        {
            if (message.Structure is null)
                continue; // expunged meanwhile
            EnvelopeTexts.Resolve(_program.Texts, message);
            if (SearchEvaluator.Matches(_key, message) ?? await MatchesContentAsync(message, ct))
            {
                _found.Add(message.Number);
                if (onlyFirst)
                    break;
            }
        }

        _undecided.Clear();
    }

    private async ValueTask<bool> MatchesContentAsync(MessageFacts message, CancellationToken ct)
    {
        Result<MessageContent> opened = await _view.OpenMessageAsync(message.Entry.Uid, ct);
        if (!opened.Ok)
        {
            _error = opened.Error == StoreError.NotFound ? _error : opened.Error;
            return false;
        }

        await using MessageContent content = opened.Value;
        return await new MessageTexts(_program.Texts, _key, message, content).MatchesAsync(ct);
    }
}
