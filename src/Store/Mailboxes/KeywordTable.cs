using System.Collections.Concurrent;
using FullStack.Store.Index;

namespace FullStack.Store.Mailboxes;

/// <summary>The keywords of a mailbox: one spelling each, and one list for all messages that have the same ones.</summary>
internal sealed class KeywordTable
{
    private readonly ConcurrentDictionary<string, string> _spellings = new(StringComparer.OrdinalIgnoreCase);
    private readonly ConcurrentDictionary<string, IReadOnlyList<string>> _lists = new(StringComparer.Ordinal);

    /// <summary>Most different keywords a mailbox takes from clients; more would let one client fill the memory.</summary>
    public const int MaxKeywords = 1000;

    /// <summary>Whether these keywords may be used here.</summary>
    public bool HasRoomFor(IReadOnlyList<string> keywords)
        => keywords.Count == 0 || _spellings.Count + keywords.Count(k => !_spellings.ContainsKey(k)) <= MaxKeywords;

    public IReadOnlyList<string> Known => [.. _spellings.Values.Order(StringComparer.Ordinal)];

    /// <summary>The list as the index keeps it.</summary>
    public IReadOnlyList<string> FromColumn(string column) => column.Length == 0 ? [] : Share([.. column.Split(' ')]);

    /// <summary>The keywords that lie with a message, as far as the mailbox has room for them; null where its folder keeps none.</summary>
    public IReadOnlyList<string>? Of(ListedMessage listed)
        => listed.Keywords is not { } keywords ? null : HasRoomFor(keywords) ? Share(keywords) : Share(keywords.Where(_spellings.ContainsKey));

    /// <summary>The shared list of these keywords, each once, in the spelling first used here.</summary>
    public IReadOnlyList<string> Share(IEnumerable<string> keywords)
    {
        string[] list = [.. keywords.Select(k => _spellings.GetOrAdd(k, k)).Distinct(StringComparer.Ordinal).Order(StringComparer.Ordinal)];
        return list.Length == 0 ? [] : _lists.GetOrAdd(KeywordColumn.Join(list), list);
    }

    /// <summary>The keywords a message has after a change.</summary>
    public IReadOnlyList<string> Apply(IReadOnlyList<string> present, FlagChange change) => change.Operation switch
    {
        FlagOperation.Replace => change.Within.HasFlag(FlagKinds.Others) ? Share(change.Flags.Keywords) : present,
        _ when change.Flags.Keywords.Count == 0 => present,
        FlagOperation.Add => Share(present.Concat(change.Flags.Keywords)),
        FlagOperation.Remove => Share(present.Except(change.Flags.Keywords, StringComparer.OrdinalIgnoreCase)),
        _ => throw new ArgumentOutOfRangeException(nameof(change)),
    };
}
