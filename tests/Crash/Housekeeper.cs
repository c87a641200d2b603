using System.Text;
using System.Text.RegularExpressions;
using FullStack.Harness.Clients;

namespace FullStack.Crash;

/// <summary>An IMAP client that files, marks, moves and removes messages and renames mailboxes, and later says what it finds.</summary>
internal sealed partial class Housekeeper(LineClient client)
{
    public const string User = "carol";

    private string _archive = "Done";

    /// <summary>Works until the server is gone.</summary>
    public async Task WorkAsync(Household household, string round, CancellationToken ct)
    {
        IReadOnlyList<string> mailboxes = await ListAsync(ct);
        if (!mailboxes.Contains("Work"))
            await DoAsync("CREATE Work", ct);
        _archive = mailboxes.FirstOrDefault(static name => name is "Done" or "Kept") ?? "Done";
        if (!mailboxes.Contains(_archive))
            await DoAsync($"CREATE {_archive}", ct);
        for (int n = 0; !ct.IsCancellationRequested; n++)
            await FileAsync(household, $"{round}.order.{n}@crash.example.test", n, ct);
    }

    /// <summary>All messages of all mailboxes.</summary>
    public async Task<IReadOnlyList<(string Mailbox, string Id, string Flags)>> ReadAsync(CancellationToken ct)
    {
        List<(string, string, string)> found = [];
        foreach (string mailbox in await ListAsync(ct))
        {
            await DoAsync($"EXAMINE {mailbox}", ct);
            string flags = "";
            foreach (string line in await DoAsync("UID FETCH 1:* (FLAGS BODY.PEEK[HEADER.FIELDS (MESSAGE-ID)])", ct))
            {
                if (FlagsPattern().Match(line) is { Success: true } match)
                    flags = match.Groups[1].Value;
                if (line.StartsWith("Message-ID: <", StringComparison.OrdinalIgnoreCase))
                    found.Add((mailbox, line["Message-ID: <".Length..].TrimEnd('>'), flags));
            }
        }

        return found;
    }

    private async Task FileAsync(Household household, string id, int n, CancellationToken ct)
    {
        string text = new Consignment(id, [User]).Text;
        household.Sending(id);
        await client.SendLineAsync($"a APPEND Work {{{text.Length}}}", ct);
        if ((await client.ReadLineAsync(ct))?.StartsWith("+ ", StringComparison.Ordinal) != true)
            throw new IOException("APPEND is not awaited");
        await client.SendAsync(Encoding.ASCII.GetBytes(text + "\r\n"), ct);
        string appended = (await ReadAnswerAsync(ct))[^1];
        household.Kept(id);

        await DoAsync("SELECT Work", ct);
        string uid = CodePattern().Match(appended).Groups[1].Value;
        await DoAsync($@"UID STORE {uid} +FLAGS.SILENT (\Seen kept)", ct);
        household.Marked(id);
        household.Moving(id);
        string moved = string.Concat(await DoAsync($"UID MOVE {uid} {_archive}", ct));
        household.Marked(id);
        if (n % 3 == 0)
        {
            await DoAsync($"SELECT {_archive}", ct);
            uid = CopyCodePattern().Match(moved).Groups[1].Value;
            household.Removing(id);
            await DoAsync($@"UID STORE {uid} +FLAGS.SILENT (\Deleted)", ct);
            await DoAsync($"UID EXPUNGE {uid}", ct);
            household.Removed(id);
        }

        if (n % 4 == 0)
        {
            string other = _archive == "Done" ? "Kept" : "Done";
            await DoAsync($"RENAME {_archive} {other}", ct);
            _archive = other;
        }
    }

    private async Task<IReadOnlyList<string>> ListAsync(CancellationToken ct)
        => [.. (await DoAsync("LIST \"\" \"*\"", ct)).Where(static line => line.StartsWith("* LIST ", StringComparison.Ordinal) && !line.Contains("NoSelect", StringComparison.OrdinalIgnoreCase))
            .Select(static line => line[(line.LastIndexOf(' ') + 1)..].Trim('"'))];

    private async Task<IReadOnlyList<string>> DoAsync(string command, CancellationToken ct)
    {
        await client.SendLineAsync($"a {command}", ct);
        return await ReadAnswerAsync(ct);
    }

    private async Task<IReadOnlyList<string>> ReadAnswerAsync(CancellationToken ct)
    {
        IReadOnlyList<string> lines = await client.ReadLinesAsync(static line => line.StartsWith("a ", StringComparison.Ordinal), ct);
        return lines[^1].StartsWith("a OK", StringComparison.Ordinal) ? lines : throw new IOException(lines[^1]);
    }

    [GeneratedRegex(@"FLAGS \(([^)]*)\)")]
    private static partial Regex FlagsPattern();

    [GeneratedRegex(@"\[APPENDUID \d+ (\d+)\]")]
    private static partial Regex CodePattern();

    [GeneratedRegex(@"\[COPYUID \d+ \d+ (\d+)\]")]
    private static partial Regex CopyCodePattern();
}
