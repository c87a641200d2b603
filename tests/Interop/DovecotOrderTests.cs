using FullStack.Harness.Clients;

namespace FullStack.Interop;

/// <summary>Sorts and threads the same Maildir on this server and on Debian's Dovecot. docs/differences-dovecot.md lists what may differ.</summary>
public sealed class DovecotOrderTests
{
    private static readonly string[] s_keys = ["ARRIVAL", "CC", "DATE", "FROM", "SIZE", "SUBJECT", "TO", "DISPLAYFROM", "DISPLAYTO"];

    private static readonly string[] s_criteria =
        ["ALL", "1:60", "UNSEEN", "SINCE 20-Sep-2025", "SUBJECT re", "FROM com", "NOT SUBJECT re", "LARGER 4000", "TEXT linux", "ANSWERED"];

    /// <summary>Asked of ESEARCH as well, whose answers must be the same to the letter.</summary>
    private static readonly string[] s_extended =
    [
        "SEARCH RETURN () SEEN", "UID SEARCH RETURN (MIN MAX) SUBJECT re", "SEARCH RETURN (COUNT) ALL", "SEARCH RETURN (ALL COUNT MIN MAX) LARGER 4000",
        "SEARCH RETURN (MIN) DELETED", "SEARCH RETURN (SAVE) SUBJECT re", "UID SEARCH $ LARGER 4000", "SEARCH UID $", "FETCH $ UID", "SEARCH RETURN (SAVE MIN) 5:9",
        "UID SEARCH RETURN (ALL) $", "SEARCH RETURN (SAVE MAX MIN) 5:9", "SEARCH $", "SEARCH RETURN (SAVE COUNT MIN) 5:9", "SEARCH OR $ 1:2", "SEARCH NOT $ 1:10",
        "UID FETCH $ FLAGS", "SEARCH RETURN (SAVE) DELETED", "FETCH $ FLAGS", "SEARCH RETURN (PARTIAL 3:5) ALL",
        "SORT RETURN (MIN MAX COUNT) (SIZE) UTF-8 1:50", "UID SORT RETURN (COUNT) (DATE) UTF-8 ALL", "SORT RETURN (ALL) (REVERSE ARRIVAL) UTF-8 1:20",
        "SORT (DATE) X-NONESUCH ALL", "SORT () UTF-8 ALL", "THREAD NONESUCH UTF-8 ALL", "SORT (DATE) UTF-8", "SEARCH RETURN (NONESUCH) ALL",
    ];

    /// <summary>Messages whose place the document explains: years written as 0102, raw 8-bit subjects, recipients that are no addresses.</summary>
    private static readonly (string Key, string[] Messages)[] s_explained =
    [
        ("DATE", ["176", "237", "259"]),
        ("THREAD", ["(176)", "(237)", "(259)"]),
        ("SUBJECT", ["199"]),
        ("TO", ["184", "215", "216", "250"]),
    ];

    [Fact]
    public async Task Messages_are_sorted_alike()
    {
        IEnumerable<string> orders = s_keys.Concat(s_keys.Select(static key => "REVERSE " + key)).Concat(["SUBJECT DATE", "SUBJECT REVERSE DATE", "FROM SIZE", "REVERSE TO ARRIVAL"]);
        await CompareAsync([.. orders.SelectMany(order => s_criteria.Select(criterion => $"UID SORT ({order}) UTF-8 {criterion}"))]);
    }

    [Fact]
    public async Task Messages_are_threaded_alike()
        => await CompareAsync(
        [
            .. new[] { "ORDEREDSUBJECT", "REFERENCES", "REFS" }.SelectMany(algorithm => s_criteria
                .SelectMany(criterion => new[] { $"THREAD {algorithm} UTF-8 {criterion}", $"UID THREAD {algorithm} UTF-8 {criterion}" })),
        ]);

    [Fact]
    public async Task Extended_searches_are_answered_alike() => await CompareAsync(s_extended);

    private static async Task CompareAsync(string[] commands)
    {
        await using DovecotPair pair = await DovecotPair.StartAsync("SELECT INBOX", TestContext.Current.CancellationToken);
        List<string> differences = [];
        foreach (string command in commands)
        {
            string theirs = Comparable(command, await AnswerAsync(pair.Theirs, command)), ours = Comparable(command, await AnswerAsync(pair.Ours, command));
            if (theirs != ours)
                differences.Add($"{command}\n  Dovecot {theirs}\n  here    {ours}");
            await AnswerAsync(pair.Theirs, "NOOP");
            await AnswerAsync(pair.Ours, "NOOP");
        }

        Assert.True(differences.Count == 0, $"{differences.Count} differences of {commands.Length}\n" + string.Join('\n', differences));
    }

    /// <summary>An answer without what is explained, and without the space that Dovecot has after an empty THREAD.</summary>
    private static string Comparable(string command, string answer)
    {
        foreach (string message in s_explained.Where(explained => command.Contains(explained.Key, StringComparison.Ordinal)).SelectMany(static explained => explained.Messages))
            answer = message[0] == '(' ? answer.Replace(message, "", StringComparison.Ordinal) : (answer + " ").Replace($" {message} ", " ", StringComparison.Ordinal).TrimEnd();
        return answer.Replace("THREAD  |", "THREAD |", StringComparison.Ordinal);
    }

    /// <summary>The untagged lines, and OK, NO or BAD.</summary>
    private static async Task<string> AnswerAsync(LineClient client, string command)
    {
        await client.SendLineAsync("c " + command);
        IReadOnlyList<string> lines = await client.ReadLinesAsync(static line => line.StartsWith("c ", StringComparison.Ordinal));
        return string.Join(" | ", [.. lines.SkipLast(1), lines[^1].Split(' ')[1]]);
    }
}
