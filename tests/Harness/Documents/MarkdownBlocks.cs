using System.Text;

namespace FullStack.Harness.Documents;

/// <summary>Finds the blocks of a document in Markdown.</summary>
public static class MarkdownBlocks
{
    private const string CodeIndent = "    ";

    /// <summary>All blocks, in their order.</summary>
    /// <param name="text">The document.</param>
    public static IReadOnlyList<DocumentBlock> Of(string text)
    {
        List<DocumentBlock> blocks = [];
        string[] lines = text.Split('\n');
        for (int i = 0; i < lines.Length; i++)
        {
            string line = lines[i].TrimStart();
            int indent = lines[i].Length - line.Length;
            if (line.StartsWith("```", StringComparison.Ordinal))
                blocks.Add(Until(lines, ref i, indent, "```", static words => KindOf(words.FirstOrDefault("")), line[3..]));
            else if (line.StartsWith("<!-- machine", StringComparison.Ordinal))
                blocks.Add(new(BlockKind.Machine, Words(line["<!-- machine".Length..].Replace("-->", "", StringComparison.Ordinal)), "", i + 1));
            else if (line == "<!-- run")
                blocks.Add(Until(lines, ref i, indent, "-->", static _ => BlockKind.Staging, ""));
            else if (IsCode(lines[i]) && (i == 0 || lines[i - 1].Length == 0))
                blocks.Add(Indented(lines, ref i));
        }

        return blocks;
    }

    private static BlockKind KindOf(string language) => language switch
    {
        "sh" => BlockKind.Commands,
        "text" => BlockKind.Output,
        "yaml" => BlockKind.Configuration,
        _ => BlockKind.Other,
    };

    private static DocumentBlock Until(string[] lines, ref int at, int indent, string end, Func<string[], BlockKind> kind, string info)
    {
        string[] words = Words(info);
        int first = at + 1;
        StringBuilder text = new();
        while (++at < lines.Length && lines[at].Trim() != end)
            text.Append(lines[at].AsSpan(Math.Min(indent, lines[at].Length - lines[at].TrimStart().Length))).Append('\n');
        return new(kind(words), words.Length == 0 ? [] : words[1..], text.ToString(), first + 1);
    }

    private static DocumentBlock Indented(string[] lines, ref int at)
    {
        int first = at;
        StringBuilder text = new();
        for (; at < lines.Length && (IsCode(lines[at]) || lines[at].Length == 0); at++)
            text.Append(lines[at].Length == 0 ? "" : lines[at][CodeIndent.Length..]).Append('\n');
        at--;
        return new(BlockKind.Other, [], text.ToString(), first + 1);
    }

    private static bool IsCode(string line) => line.StartsWith(CodeIndent, StringComparison.Ordinal) && line.Trim().Length > 0;

    private static string[] Words(string text) => text.Split(' ', StringSplitOptions.RemoveEmptyEntries);
}
