using System.Globalization;

namespace FullStack.Queue.Aliases;

/// <summary>What is wrong with a file of aliases or of a user's own.</summary>
/// <param name="File">Its path.</param>
/// <param name="Line">Counted from 1; 0 where the file as a whole is meant.</param>
/// <param name="Text">What was expected, and what was found.</param>
public sealed record AliasProblem(string File, int Line, string Text)
{
    public override string ToString() => Line == 0 ? $"{File}: {Text}" : string.Create(CultureInfo.InvariantCulture, $"{File}:{Line}: {Text}");
}
