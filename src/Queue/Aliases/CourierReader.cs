using System.Globalization;

namespace FullStack.Queue.Aliases;

/// <summary>Reads a file of delivery instructions as dot-courier(5) has it.</summary>
/// <remarks>
/// A line is an instruction: <c>./path</c> or <c>/path</c> a mailbox, <c>|command</c> a program, anything else addresses with commas between them, with a
/// <c>&amp;</c> or <c>!</c> in front perhaps. Empty lines and those that begin with # are none. A command goes on in the next line where its own ends in a backslash.
/// </remarks>
internal static class CourierReader
{
    /// <summary>Most programs and files from the first program on: each is done only when the one before it has been, so they are kept one within the other.</summary>
    public const int MaxChained = 32;

    /// <summary>Reads the text of a file.</summary>
    /// <param name="file">Its path, for problems.</param>
    /// <param name="text">The text.</param>
    /// <param name="home">The folder at which paths begin that begin with a dot.</param>
    /// <param name="problems">Takes what is wrong with it.</param>
    /// <returns>The instructions in order: none where there are only comments, and mail is to be dropped.</returns>
    public static IReadOnlyList<AliasTarget> Read(string file, string text, string home, ICollection<AliasProblem> problems)
    {
        List<AliasTarget> targets = [];
        int line = 0, chained = 0;
        for (int at = 0; at < text.Length && problems.Count < AliasReader.MaxProblems;)
        {
            int first = ++line;
            string instruction = ReadLine(text, ref at).TrimEnd();
            while (instruction is ['|', .., '\\'] && at < text.Length)
            {
                line++;
                instruction = instruction[..^1] + ReadLine(text, ref at).TrimEnd();
            }

            if (instruction.Trim().Length == 0 || instruction[0] == '#')
                continue;
            if (instruction.StartsWith("||", StringComparison.Ordinal))
                problems.Add(new(file, first, "expected one | before a command: instructions that a program writes are not followed"));
            else
                ReadInstruction(file, first, instruction, home, targets, problems);
            if (targets is [.., ProgramTarget] || (chained > 0 && targets is [.., FileTarget]))
                chained++;
            if (targets.Count <= AliasReader.MaxTargets && chained <= MaxChained)
                continue;
            problems.Add(new(file, first, chained > MaxChained
                ? string.Create(CultureInfo.InvariantCulture, $"expected at most {MaxChained} programs and files from the first program on") : "expected fewer instructions"));
            break;
        }

        return targets;
    }

    private static void ReadInstruction(string file, int line, string text, string home, List<AliasTarget> targets, ICollection<AliasProblem> problems)
    {
        switch (text[0])
        {
            case '|' when text[1..].Trim() is { Length: > 0 } command && !command.Any(static c => char.IsControl(c) && c != '\t'):
                targets.Add(new ProgramTarget(command));
                break;
            case '.' or '/' when !text.Any(char.IsControl):
                targets.Add(new FileTarget(text[0] == '/' ? text : WithSlash(Path.GetFullPath(text, home), text)));
                break;
            case '|' or '.' or '/':
                problems.Add(new(file, line, "expected a command or a path without control characters"));
                break;
            default:
                List<AliasProblem> inLine = [];
                foreach (AliasTarget target in AliasReader.ReadList(file, text[0] is '&' or '!' ? text[1..] : text, inLine))
                {
                    if (target is AddressTarget)
                        targets.Add(target);
                    else
                        inLine.Add(new(file, line, $"expected an address, found {target}"));
                }

                foreach (AliasProblem problem in inLine.Take(AliasReader.MaxProblems - problems.Count))
                    problems.Add(problem with { Line = line });
                break;
        }
    }

    private static string WithSlash(string path, string written) => written.EndsWith('/') && !path.EndsWith('/') ? path + "/" : path;

    private static string ReadLine(string text, ref int at)
    {
        int end = text.IndexOf('\n', at);
        string line = end < 0 ? text[at..] : text[at..end];
        at = end < 0 ? text.Length : end + 1;
        return line;
    }
}
