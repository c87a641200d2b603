namespace FullStack.Mime;

/// <summary>A text in i;unicode-casemap (RFC 5051), folded once to be compared with many needles.</summary>
public sealed class FoldedText(string text)
{
    internal string Folded { get; } = UnicodeCasemap.Fold(text);

    /// <summary>Names how characters are folded here: it differs where a later runtime folds some of them in another way.</summary>
    public static string Version => UnicodeCasemap.Version;
}
