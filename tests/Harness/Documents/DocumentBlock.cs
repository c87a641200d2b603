namespace FullStack.Harness.Documents;

/// <summary>A part of a document that is for machines: a fenced block, or a comment that tells a test what to do.</summary>
/// <param name="Kind">What it is.</param>
/// <param name="Marks">What stands behind the language of a fence, or behind the first word of a comment.</param>
/// <param name="Text">Its lines, each with its end.</param>
/// <param name="Line">Where its text begins in the document; from 1.</param>
public sealed record DocumentBlock(BlockKind Kind, IReadOnlyList<string> Marks, string Text, int Line);
