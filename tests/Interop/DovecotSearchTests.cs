using System.Text;
using System.Text.RegularExpressions;
using FullStack.Harness.Clients;
using FullStack.Mime;

namespace FullStack.Interop;

/// <summary>Searches the same Maildir on this server and on Debian's Dovecot. docs/differences-dovecot.md lists what may differ.</summary>
public sealed class DovecotSearchTests
{
    /// <summary>Criteria that the document explains.</summary>
    private static readonly HashSet<string> Explained =
    [
        @"KEYWORD \Seen", "FLAGGED  SEEN", "SENTON 31-Feb-2002", "999:*", // what is BAD, and which numbers a set has
        "SENTBEFORE 1-Jan-2002", "SENTBEFORE 1-Jan-1990", // years that were written as 0102
        "TO \"\"", "CC \"\"", // fields without an address
        "SUBJECT «Parhelia™»", "CHARSET windows-1252 SUBJECT «Parhelia™»", "BODY «—»", "BODY «€»", "CHARSET iso-8859-15 BODY «€»",
        "BODY «ANYTHING…»", "BODY \"3D\"", // Windows text under another label, or none
        "SUBJECT \"  \"", // white space
    ];

    [Fact]
    public async Task The_same_messages_are_found()
    {
        await using DovecotPair pair = await DovecotPair.StartAsync("SELECT INBOX", TestContext.Current.CancellationToken);
        foreach (string change in SearchCriteria.Changes)
        {
            foreach (LineClient client in (LineClient[])[pair.Ours, pair.Theirs])
                Assert.StartsWith("c OK", (await AnswerAsync(client, "c " + change + "\r\n"))[^1], StringComparison.Ordinal);
        }

        List<string> differences = [];
        int asked = 0;
        foreach (string criterion in (string[])
        [
            .. SearchCriteria.Flags, .. SearchCriteria.NumbersDatesSizes, .. SearchCriteria.Addresses, .. SearchCriteria.Headers,
            .. SearchCriteria.Texts, .. SearchCriteria.Logic, .. SearchCriteria.Charsets,
        ])
        {
            foreach (string verb in (string[])["SEARCH", "UID SEARCH"])
            {
                asked++;
                string command = Command(verb, criterion);
                string theirs = Outcome(await AnswerAsync(pair.Theirs, command)), ours = Outcome(await AnswerAsync(pair.Ours, command));
                if (theirs != ours && !Explained.Contains(criterion))
                    differences.Add($"{verb} {criterion}\n  Dovecot {theirs}\n  here    {ours}");
                await AnswerAsync(pair.Theirs, "c NOOP\r\n"); // both leave a client that sends one bad command after the other
                await AnswerAsync(pair.Ours, "c NOOP\r\n");
            }
        }

        Assert.True(differences.Count == 0, $"{differences.Count} differences of {asked}\n" + string.Join('\n', differences));
    }

    /// <summary>The command with each text in guillemets as a literal.</summary>
    private static string Command(string verb, string criterion)
    {
        string name = Regex.Match(criterion, @"^CHARSET (\S+)") is { Success: true } charset ? charset.Groups[1].Value : "utf-8";
        Encoding encoding = Charsets.Find(Encoding.ASCII.GetBytes(name)) ?? Encoding.UTF8;
        bool needsCharset = criterion.Contains('«') && !criterion.StartsWith("CHARSET", StringComparison.Ordinal);
        string keys = Regex.Replace(criterion, "«(.*?)»", match =>
        {
            byte[] octets = encoding.GetBytes(match.Groups[1].Value);
            return $"{{{octets.Length}+}}\r\n{Encoding.Latin1.GetString(octets)}";
        });
        return $"c {verb} {(needsCharset ? "CHARSET UTF-8 " : "")}{keys}\r\n";
    }

    private static async Task<IReadOnlyList<string>> AnswerAsync(LineClient client, string command)
    {
        await client.SendAsync(Encoding.Latin1.GetBytes(command));
        return await client.ReadLinesAsync(static line => line.StartsWith("c ", StringComparison.Ordinal));
    }

    /// <summary>OK, NO or BAD, and the numbers found, rising.</summary>
    private static string Outcome(IReadOnlyList<string> lines)
    {
        string found = string.Join(' ', lines.Where(static line => line.StartsWith("* SEARCH", StringComparison.Ordinal))
            .SelectMany(static line => line.Split(' ').Skip(2)).Select(uint.Parse).Order());
        return $"{lines[^1].Split(' ')[1]} {found}";
    }
}
