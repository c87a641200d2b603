using System.Collections.Immutable;

namespace FullStack.Crash.Soak;

/// <summary>One way in which things may be with a message in an account: in which mailboxes it is, with which flags. It is in none more than once.</summary>
internal sealed class World : IEquatable<World>
{
    /// <summary>It is nowhere.</summary>
    public static readonly World Nowhere = new(ImmutableSortedDictionary.Create<string, Marks>(StringComparer.Ordinal));

    private readonly ImmutableSortedDictionary<string, Marks> _copies;
    private readonly string _text;

    private World(ImmutableSortedDictionary<string, Marks> copies)
    {
        _copies = copies;
        _text = copies.IsEmpty ? "nowhere" : string.Join(", ", copies.Select(static pair => $"{pair.Key} ({pair.Value.Write()})"));
    }

    public IEnumerable<string> Mailboxes => _copies.Keys;

    public bool Has(string mailbox) => _copies.ContainsKey(mailbox);

    /// <summary>The flags in a mailbox where it is.</summary>
    public Marks MarksIn(string mailbox) => _copies[mailbox];

    public World With(string mailbox, Marks marks) => new(_copies.SetItem(mailbox, marks));

    public World Without(string mailbox) => new(_copies.Remove(mailbox));

    public bool Equals(World? other) => other is not null && _text == other._text;

    public override bool Equals(object? obj) => Equals(obj as World);

    public override int GetHashCode() => _text.GetHashCode(StringComparison.Ordinal);

    public override string ToString() => _text;
}
