namespace FullStack.Mime;

/// <summary>A text in i;unicode-casemap (RFC 5051), folded once to be compared with needles or with other texts.</summary>
public sealed class FoldedText(string text) : IComparable<FoldedText>, IEquatable<FoldedText>
{
    internal string Folded { get; } = UnicodeCasemap.Fold(text);

    /// <summary>Names how characters are folded here: it differs where a later runtime folds some of them in another way.</summary>
    public static string Version => UnicodeCasemap.Version;

    /// <summary>Whether nothing is in it.</summary>
    public bool IsEmpty => Folded.Length == 0;

    /// <summary>The order of the folds' octets in UTF-8 (RFC 5051 §2, RFC 4790 §9.3.1), which is that of their code points.</summary>
    public int CompareTo(FoldedText? other)
    {
        if (other is null)
            return 1;
        ReadOnlySpan<char> one = Folded, another = other.Folded;
        int same = one.CommonPrefixLength(another);
        if (same == one.Length || same == another.Length)
            return one.Length.CompareTo(another.Length);
        return Rank(one[same]).CompareTo(Rank(another[same]));
    }

    public bool Equals(FoldedText? other) => other is not null && Folded == other.Folded;

    public override bool Equals(object? obj) => Equals(obj as FoldedText);

    public override int GetHashCode() => Folded.GetHashCode(StringComparison.Ordinal);

    /// <summary>UTF-16 has surrogates below U+E000 to U+FFFF, what they stand for is above.</summary>
    private static int Rank(char unit) => char.IsSurrogate(unit) ? unit + 0x10000 : unit;
}
