namespace FullStack.Crash.Soak;

/// <summary>The flags that the soak sets and asks for again.</summary>
[Flags]
internal enum Marks
{
    None = 0,
    Seen = 1,
    Flagged = 2,
    Answered = 4,
    Kept = 8,
}

internal static class MarkNames
{
    private static readonly (Marks Mark, string Name)[] s_names = [(Marks.Seen, @"\Seen"), (Marks.Flagged, @"\Flagged"), (Marks.Answered, @"\Answered"), (Marks.Kept, "kept")];

    /// <summary>As IMAP writes them, without parentheses.</summary>
    public static string Write(this Marks marks) => string.Join(' ', s_names.Where(pair => marks.HasFlag(pair.Mark)).Select(static pair => pair.Name));

    /// <summary>Those among a message's flags; others are left out.</summary>
    public static Marks Read(IEnumerable<string> flags)
        => flags.Aggregate(Marks.None, static (marks, flag) => marks | s_names.FirstOrDefault(pair => string.Equals(pair.Name, flag, StringComparison.OrdinalIgnoreCase)).Mark);
}
