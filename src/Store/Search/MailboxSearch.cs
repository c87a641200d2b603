using FullStack.Mime;
using FullStack.Store.Feed;
using FullStack.Store.Mailboxes;

namespace FullStack.Store.Search;

/// <summary>
/// Runs one search over a view: from memory as far as that goes, then from envelopes, then from the messages themselves, several
/// batches of messages at once. At each step only the messages that are still open go on to the next, dearer one.
/// </summary>
internal sealed class MailboxSearch(Mailbox mailbox, MailboxView view, MessageQuery query)
{
    /// <summary>Messages of the first batch; each further one has twice as many, so that a search that ends early has not read far ahead.</summary>
    private const int FirstBatch = 16;
    private const int LargestBatch = 128;

    private readonly QueryPlan _plan = new(query);
    private readonly SearchTurns _turns = mailbox.Store.SearchTurns;
    private readonly Lock _asking = new();
    private Task<TextAnswer?>? _answer;

    public async Task<SearchOutcome> RunAsync(SearchExtent extent, CancellationToken ct)
    {
        Candidates candidates = new(query, view.Version.Messages, mailbox.Snapshot.Messages);
        if (extent is SearchExtent.All or SearchExtent.First)
            return OutcomeOf(await CollectAsync(candidates.UpTo(view.Count), new(onlyFirst: extent == SearchExtent.First, falling: false), ct));
        Findings last = await CollectAsync(candidates.UpTo(view.Count, falling: true), new(onlyFirst: true, falling: true), ct);
        if (extent == SearchExtent.Last || last.Sorted() is not [int lastNumber])
            return OutcomeOf(last);
        Findings first = await CollectAsync(candidates.UpTo(lastNumber - 1), new(onlyFirst: true, falling: false), ct);
        StoreError error = first.Error != StoreError.None ? first.Error : last.Error;
        return new([.. first.Sorted(), lastNumber], error);
    }

    private static SearchOutcome OutcomeOf(Findings findings) => new(findings.Sorted(), findings.Error);

    /// <summary>Finds messages among some of the view, as the view knows them.</summary>
    public async Task<SearchOutcome> RunAsync(IReadOnlyList<int> among, CancellationToken ct)
        => OutcomeOf(await CollectAsync(ToldAmong(among), new(onlyFirst: false, falling: false), ct));

    private IEnumerable<(int Number, MessageEntry Entry)> ToldAmong(IReadOnlyList<int> among)
    {
        foreach (int number in among)
        {
            if (view.ToldEntry(number) is { } entry)
                yield return (number, entry);
        }
    }

    private async Task<Findings> CollectAsync(IEnumerable<(int Number, MessageEntry Entry)> candidates, Findings findings, CancellationToken ct)
    {
        ParallelOptions options = new() { MaxDegreeOfParallelism = SearchTurns.AtOnce, CancellationToken = ct };
        await Parallel.ForEachAsync(
            Batches(candidates, findings), options, async (batch, stop) => await DecideAsync(batch.Messages, mayAsk: !batch.IsFirst, findings, stop));
        return findings;
    }

    /// <summary>Takes down the messages that their entries decide, and gives the others. One thread at a time asks for the next batch.</summary>
    private IEnumerable<(List<MessageFacts> Messages, bool IsFirst)> Batches(IEnumerable<(int Number, MessageEntry Entry)> candidates, Findings findings)
    {
        int size = FirstBatch;
        List<MessageFacts> open = [];
        foreach ((int number, MessageEntry entry) in candidates)
        {
            if (findings.IsNeedless(number))
                break;
            MessageFacts message = new(number, entry, view.IsRecent(number), _plan.Texts.Count);
            bool? matches = _plan.Matches(message);
            if (matches == true)
                findings.Add(number);
            else if (matches is null)
                open.Add(message);
            if (open.Count < size)
                continue;
            yield return (open, size == FirstBatch);
            open = [];
            size = Math.Min(2 * size, LargestBatch);
        }

        if (open.Count > 0)
            yield return (open, size == FirstBatch);
    }

    /// <summary>Asks the text index, once for the search: the first batch is as soon read as that.</summary>
    private Task<TextAnswer?> AskAsync(CancellationToken ct)
    {
        lock (_asking)
            return _answer ??= mailbox.Texts?.AskAsync(mailbox, _plan, ct) ?? Task.FromResult<TextAnswer?>(null);
    }

    private async Task DecideAsync(List<MessageFacts> open, bool mayAsk, Findings findings, CancellationToken ct)
    {
        if (mayAsk && await AskAsync(ct) is { } answer)
        {
            open.ForEach(answer.Apply);
            open = StillOpen(open, findings);
            if (open.Count == 0)
                return;
        }

        Dictionary<uint, byte[]> structures = await StructureReader.ReadEncodedAsync(mailbox, [.. open.Select(static m => m.Entry.Uid)], ct);
        if (_plan.UsesEnvelope)
        {
            foreach (MessageFacts message in open)
                await ReadEnvelopeAsync(message, structures, findings, ct);
            open = StillOpen(open.FindAll(static message => message.Envelope is not null), findings);
        }

        if (open.Count == 0)
            return;
        using ContentTurns turns = new(mailbox, _plan, open, structures, findings);
        while (await _turns.RunAsync(() => turns.TakeOne(ct), ct))
            ct.ThrowIfCancellationRequested();
    }

    private async Task ReadEnvelopeAsync(MessageFacts message, Dictionary<uint, byte[]> structures, Findings findings, CancellationToken ct)
    {
        uint uid = message.Entry.Uid.Value;
        if (structures.TryGetValue(uid, out byte[]? encoded) && MimeMessageCodec.TryDecodeEnvelope(encoded, _plan.UsesAddresses, out MessageEnvelope? envelope))
            message.Envelope = envelope;
        else
            message.Envelope = (await StructureParser.ParseAsync(mailbox, [message.Entry.Uid], static (structure, _) => structure.Root.Envelope, ct))[0];
        if (message.Envelope is not null)
            EnvelopeTexts.Resolve(_plan.Texts, message);
        else if (await WhyUnreadAsync(message.Entry.Uid, ct) is not StoreError.NotFound and var error)
            findings.Fail(error);
    }

    /// <summary>One that is gone is not found; one that cannot be read might have to be.</summary>
    private async Task<StoreError> WhyUnreadAsync(Uid uid, CancellationToken ct)
    {
        Result<MessageContent> opened = await MessageReader.OpenAsync(mailbox, uid, ct);
        if (!opened.Ok)
            return opened.Error;
        opened.Value.Close();
        return mailbox.Store.PutOff("searching a message", mailbox.Folder.Path, "it could not be read to its end");
    }

    /// <summary>Takes down the messages that are decided now, and gives the others.</summary>
    private List<MessageFacts> StillOpen(List<MessageFacts> messages, Findings findings)
    {
        List<MessageFacts> open = [];
        foreach (MessageFacts message in messages)
        {
            bool? matches = _plan.Matches(message);
            if (matches == true)
                findings.Add(message.Number);
            else if (matches is null)
                open.Add(message);
        }

        return open;
    }
}
