using System.Globalization;
using System.Text.RegularExpressions;

namespace FullStack.Architecture;

/// <summary>Log events have numbers that administrators can look for: each one once, in its project's block of a thousand.</summary>
public sealed partial class LogEventTests
{
    private static readonly Dictionary<string, int> s_blocks = new()
    {
        ["Net"] = 1000,
        ["Smtp"] = 2000,
        ["Pop3"] = 3000,
        ["Imap"] = 4000,
        ["Store"] = 5000,
        ["Auth"] = 6000,
        ["Queue"] = 7000,
        ["Dns"] = 8000,
        ["Server"] = 9000,
    };

    private static IReadOnlyList<(SourceFile File, int Id)> Events { get; } =
        [.. SourceFile.OfProduct.SelectMany(static file => file.Lines
            .Select(static line => LogEvent().Match(line)).Where(static match => match.Success)
            .Select(match => (file, int.Parse(match.Groups["id"].Value, CultureInfo.InvariantCulture))))];

    [Fact]
    public void There_are_events() => Assert.True(Events.Count >= 20, $"only {Events.Count} log events found: has their notation changed?");

    [Fact]
    public void Every_message_has_a_number()
        => Findings.None("no event id:", SourceFile.OfProduct.SelectMany(static file =>
            file.Find(static line => line.Contains("[LoggerMessage", StringComparison.Ordinal) && !LogEvent().IsMatch(line))));

    [Fact]
    public void A_number_is_used_once()
        => Findings.None("used twice:", Events.GroupBy(static e => e.Id).Where(static group => group.Count() > 1)
            .Select(static group => $"{group.Key}: {string.Join(", ", group.Select(static e => e.File.Path))}"));

    [Fact]
    public void A_number_is_in_the_block_of_its_project()
        => Findings.None("outside its project's block:", Events
            .Where(static e => !s_blocks.TryGetValue(e.File.Project, out int block) || e.Id < block || e.Id >= block + 1000)
            .Select(static e => $"{e.Id} in {e.File.Path}"));

    [Fact]
    public void A_project_has_one_log_class()
        => Findings.None("more than one file with log messages:", Events.Select(static e => e.File).Distinct().GroupBy(static file => file.Project)
            .Where(static group => group.Count() > 1)
            .Select(static group => string.Join(", ", group.Select(static file => file.Path))));

    [GeneratedRegex(@"\[LoggerMessage\((?:EventId\s*=\s*)?(?<id>\d+)")]
    private static partial Regex LogEvent();
}
