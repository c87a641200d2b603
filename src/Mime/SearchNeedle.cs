namespace FullStack.Mime;

/// <summary>A search string, made ready to be looked for in many texts: substrings in i;unicode-casemap (RFC 5051).</summary>
/// <remarks>
/// An empty one is in every text, also an empty one (RFC 3501 §6.4.4). RFC 5051 folds each
/// code point by itself: a composed character equals its decomposed form, but marks in another order make another text.
/// </remarks>
/// <param name="Text">As it was asked for.</param>
public sealed record SearchNeedle(string Text)
{
    /// <summary>Its fold.</summary>
    public string Folded { get; } = UnicodeCasemap.Fold(Text);

    /// <summary>Whether it is the empty text.</summary>
    public bool IsEmpty => Folded.Length == 0;

    /// <summary>True where the text contains it.</summary>
    public bool IsIn(FoldedText text) => text.Folded.Contains(Folded, StringComparison.Ordinal);
}
