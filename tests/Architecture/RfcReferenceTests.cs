using System.Text.RegularExpressions;
using FullStack.Harness;
using FullStack.Harness.Transcripts;

namespace FullStack.Architecture;

/// <summary>References to RFCs can be followed: one form, and each number is in docs/rfc.tsv with what is done of it.</summary>
public sealed partial class RfcReferenceTests
{
    private static readonly string[] s_states = ["done", "partial", "planned", "obsolete", "reference"];

    [Fact]
    public void The_table_has_number_title_and_status()
    {
        string[] lines = File.ReadAllLines(SourceTree.PathOf("docs", "rfc.tsv"));
        Assert.Equal("number\ttitle\tstatus", lines[0]);
        Findings.None("not number, title, status:", lines.Skip(1).Where(static line =>
            line.Split('\t') is not [var number, { Length: > 3 }, var status] || !number.All(char.IsAsciiDigit) || !s_states.Contains(status)));
        int[] numbers = [.. lines.Skip(1).Select(static line => int.Parse(line.Split('\t')[0]))];
        Assert.Equal(numbers.Order().Distinct(), numbers);
    }

    [Fact]
    public void Every_rfc_named_in_the_sources_is_in_the_table()
    {
        IReadOnlyDictionary<int, RfcRow> table = RfcRow.ReadAll();
        Findings.None("not in docs/rfc.tsv:", SourceFile.All.SelectMany(file => file.Lines
            .SelectMany(static line => Reference().Matches(line)).Select(static match => int.Parse(match.Groups["number"].Value)).Distinct()
            .Where(number => !table.ContainsKey(number)).Select(number => $"RFC {number} in {file.Path}")));
    }

    [Fact]
    public void References_have_one_form()
        => Findings.None("write RFC NNNN §X:", SourceFile.All.Where(static file => file.Name != "RfcReferenceTests.cs")
            .SelectMany(static file => file.Find(static line => OtherForm().IsMatch(line))));

    /// <summary>A command says where it is from, so that a reader can check it against the source.</summary>
    [Fact]
    public void Every_command_names_its_rfc_section()
        => Findings.None("no RFC NNNN §X in:", SourceFile.OfProduct
            .Where(static file => file.Project is "Imap" or "Smtp" or "Pop3" && file.Path.Contains("/Commands/", StringComparison.Ordinal) && file.Name.EndsWith("Command.cs", StringComparison.Ordinal))
            .Where(static file => !file.Lines.Any(static line => line.Contains(" interface ", StringComparison.Ordinal)))
            .Where(static file => !file.Lines.Any(static line => Section().IsMatch(line)))
            .Select(static file => file.Path));

    /// <summary>A transcript begins with the section that it shows.</summary>
    [Fact]
    public void Every_transcript_names_an_rfc_of_the_table()
    {
        IReadOnlyDictionary<int, RfcRow> table = RfcRow.ReadAll();
        Findings.None("no RFC NNNN §X of docs/rfc.tsv in its first line:", new[] { "imap", "smtp", "lmtp", "pop3" }.SelectMany(Transcript.Files)
            .Where(file => Reference().Match(File.ReadLines(Path.Combine(Transcript.Folder, file)).First()) is var match
                && !(match.Success && table.ContainsKey(int.Parse(match.Groups["number"].Value)))));
    }

    [GeneratedRegex(@"\bRFC (?<number>\d{3,5})\b")]
    private static partial Regex Reference();

    [GeneratedRegex(@"\bRFC \d{3,5} (?:§|[Aa]ppendix )")]
    private static partial Regex Section();

    // RFC822 and its items are IMAP's own names, not references.
    [GeneratedRegex(@"///?.*(?:\bRFC-?(?!822\b)\d{3,5}\b|\brfc ?(?!822\b)\d{3,5}\b|\bRFC \d+,? (?:[Ss]ec\b|[Ss]ection|par\.|chapter)|\bRFC \d+(?:, ?§|§| § ))")]
    private static partial Regex OtherForm();
}
