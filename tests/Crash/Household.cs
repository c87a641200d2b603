namespace FullStack.Crash;

/// <summary>What a client that keeps order in its mailboxes was told, message by message. It has one connection and one message in hand.</summary>
/// <param name="movesAtOnce">Whether a message that is moved is never in both mailboxes, not even after a crash.</param>
internal sealed class Household(bool movesAtOnce)
{
    private readonly Lock _gate = new();
    private readonly Dictionary<string, Knowledge> _messages = [];

    private TaskCompletionSource _removal = NewSignal();

    public int CountRemoved { get; private set; }

    /// <summary>Completes when the next message has been moved and removed.</summary>
    public Task AfterRemoval() => (_removal = NewSignal()).Task;

    public void Sending(string id) => Set(id, new(MayBe: true, MustBe: false, IsMarked: false));

    public void Kept(string id) => Set(id, new(MayBe: true, MustBe: true, IsMarked: false));

    /// <summary>The server said that the message has \Seen and the keyword.</summary>
    public void Marked(string id) => Set(id, new(MayBe: true, MustBe: true, IsMarked: true));

    /// <summary>A move was asked for.</summary>
    public void Moving(string id) => Set(id, new(MayBe: true, MustBe: true, IsMarked: true, MayBeInBoth: !movesAtOnce));

    public void Removing(string id) => Set(id, new(MayBe: true, MustBe: false, IsMarked: true));

    public void Removed(string id)
    {
        CountRemoved++;
        Set(id, new(MayBe: false, MustBe: false, IsMarked: false));
        _removal.TrySetResult();
    }

    private static TaskCompletionSource NewSignal() => new(TaskCreationOptions.RunContinuationsAsynchronously);

    /// <summary>Compares what the mailboxes hold with what was said.</summary>
    public IReadOnlyList<string> Differences(IReadOnlyList<(string Mailbox, string Id, string Flags)> found)
    {
        List<string> differences = [];
        ILookup<string, (string Mailbox, string Id, string Flags)> byId = found.ToLookup(static m => m.Id);
        lock (_gate)
        {
            differences.AddRange(byId.Where(group => !_messages.ContainsKey(group.Key)).Select(static group => $"{group.Key} was never sent"));
            foreach ((string id, (bool mayBe, bool mustBe, bool isMarked, bool mayBeInBoth)) in _messages)
            {
                (string Mailbox, string Id, string Flags)[] copies = [.. byId[id]];
                if (copies.Length > 1 && !(mayBeInBoth && copies.Length == 2 && copies[0].Mailbox != copies[1].Mailbox))
                    differences.Add($"{id} is in {string.Join(" and ", copies.Select(static c => c.Mailbox))}");
                if (copies.Length == 0 && mustBe)
                    differences.Add($"{id} was acknowledged and is lost");
                if (copies.Length > 0 && !mayBe)
                    differences.Add($"{id} was expunged and is back in {copies[0].Mailbox}");
                differences.AddRange(copies
                    .Where(copy => isMarked && !(copy.Flags.Contains(@"\Seen", StringComparison.Ordinal) && copy.Flags.Contains("kept", StringComparison.Ordinal)))
                    .Select(copy => $"{id} was marked and has only {copy.Flags} in {copy.Mailbox}"));
            }
        }

        return differences;
    }

    private void Set(string id, Knowledge known)
    {
        lock (_gate)
            _messages[id] = known;
    }

    private readonly record struct Knowledge(bool MayBe, bool MustBe, bool IsMarked, bool MayBeInBoth = false);
}
