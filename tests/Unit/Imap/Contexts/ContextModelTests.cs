using System.Globalization;
using FullStack.Harness.Clients;
using FullStack.Harness.Servers;
using FullStack.Server;

namespace FullStack.Unit.Imap.Contexts;

/// <summary>RFC 5267 §4.3: who applies ADDTO and REMOVEFROM as they come has what the search would find anew.</summary>
public sealed class ContextModelTests
{
    private const int Steps = 120;

    private static readonly string[] Searches =
    [
        "UID SEARCH RETURN (UPDATE ALL) UNSEEN",
        "SEARCH RETURN (UPDATE ALL) NOT FLAGGED",
        "UID SEARCH RETURN (UPDATE ALL) UID 3:*",
        "SEARCH RETURN (UPDATE ALL) OR KEYWORD project SUBJECT \"odd\"",
        "UID SORT RETURN (UPDATE ALL) (SUBJECT REVERSE ARRIVAL) UTF-8 UNFLAGGED",
        "SORT RETURN (UPDATE ALL) (REVERSE SUBJECT) UTF-8 UNSEEN",
    ];

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    public async Task Results_follow_whatever_two_sessions_do(int seed)
    {
        await using TestMailServer server = await TestMailServer.StartAsync(ct: TestContext.Current.CancellationToken);
        await using LineClient watcher = await OpenAsync(server), other = await OpenAsync(server);
        Random random = new(seed);
        await AppendAsync(other, random, 5);
        await RunAsync(watcher, "s", "SELECT INBOX", null);
        await RunAsync(other, "s", "SELECT INBOX", null);
        Dictionary<string, List<string>> results = [];
        for (int i = 0; i < Searches.Length; i++)
        {
            await RunAsync(watcher, $"ctx{i}", Searches[i], results);
            results.TryAdd($"ctx{i}", []);
        }

        for (int step = 0; step < Steps; step++)
        {
            LineClient actor = random.Next(3) == 0 ? watcher : other;
            await RunAsync(actor, $"x{step}", Deed(random), actor == watcher ? results : null);
            if (random.Next(4) == 0)
                await AppendAsync(other, random, random.Next(1, 3));
            if (random.Next(3) > 0)
                await CompareAsync(watcher, step, results);
        }

        await CompareAsync(watcher, Steps, results);
    }

    private static string Deed(Random random) => random.Next(7) switch
    {
        0 => @"UID STORE 1:* +FLAGS.SILENT (\Seen)",
        1 => $@"UID STORE {random.Next(1, 60)}:{random.Next(1, 60)} -FLAGS (\Seen \Flagged)",
        2 => $@"UID STORE {random.Next(1, 60)}:{random.Next(1, 60)} +FLAGS (\Flagged)",
        3 => $@"UID STORE {random.Next(1, 60)} +FLAGS.SILENT (\Deleted project)",
        4 => "EXPUNGE",
        5 => $"UID FETCH {random.Next(1, 60)} BODY[TEXT]",
        _ => $@"UID STORE {random.Next(1, 60)} -FLAGS (project \Deleted)",
    };

    /// <summary>Each search given anew, without UPDATE, finds what the updates made of its results.</summary>
    private static async Task CompareAsync(LineClient watcher, int step, Dictionary<string, List<string>> results)
    {
        await RunAsync(watcher, $"n{step}", "NOOP", results);
        for (int i = 0; i < Searches.Length; i++)
        {
            Dictionary<string, List<string>> fresh = [];
            string tag = $"f{step}.{i}";
            await RunAsync(watcher, tag, Searches[i].Replace("UPDATE ", "", StringComparison.Ordinal), fresh);
            Assert.Equal((step, i, string.Join(',', fresh.GetValueOrDefault(tag, []))), (step, i, string.Join(',', results[$"ctx{i}"])));
        }
    }

    private static async Task<LineClient> OpenAsync(TestMailServer server)
    {
        LineClient client = await LineClient.ConnectAsync(server.Listener(ListenerProtocol.Imap).EndPoint);
        SessionOpener opener = new(client, ListenerProtocol.Imap);
        await opener.ReadGreetingAsync();
        await opener.LogInAsync("alice");
        return client;
    }

    private static async Task AppendAsync(LineClient client, Random random, int count)
    {
        for (int i = 0; i < count; i++)
        {
            string message = $"Subject: {(random.Next(2) == 0 ? "odd" : "even")} {random.Next(20)}\r\n\r\nHello.\r\n";
            await RunAsync(client, "app", $"APPEND INBOX {{{message.Length}+}}\r\n{message}", null);
        }
    }

    /// <summary>Runs a command and applies what it brings to the results by tag; expunges shift those that are message numbers.</summary>
    private static async Task RunAsync(LineClient client, string tag, string command, Dictionary<string, List<string>>? results)
    {
        await client.SendLineAsync($"{tag} {command}");
        IReadOnlyList<string> lines = await client.ReadLinesAsync(line => line.StartsWith(tag + " ", StringComparison.Ordinal));
        Assert.StartsWith($"{tag} OK", lines[^1], StringComparison.Ordinal);
        if (results is null)
            return;
        foreach (string line in lines)
        {
            if (line.StartsWith("* ESEARCH (TAG \"", StringComparison.Ordinal))
                Apply(line["* ESEARCH (TAG \"".Length..], results);
            else if (line.EndsWith(" EXPUNGE", StringComparison.Ordinal))
                Shift(int.Parse(line.Split(' ')[1], CultureInfo.InvariantCulture), results);
        }
    }

    private static void Apply(string response, Dictionary<string, List<string>> results)
    {
        string tag = response[..response.IndexOf('"', StringComparison.Ordinal)];
        string rest = response[(tag.Length + 2)..].Replace(" UID", "", StringComparison.Ordinal).Trim();
        List<string> list = results.TryGetValue(tag, out List<string>? known) ? known : results[tag] = [];
        string[] words = rest.Split(' ', '(', ')').Where(static word => word.Length > 0).ToArray();
        if (words is ["ALL", string all])
            list.AddRange(Expand(all));
        for (int i = 1; i + 1 < words.Length && words[0] != "ALL"; i += 2)
        {
            int place = int.Parse(words[i], CultureInfo.InvariantCulture);
            List<string> set = [.. Expand(words[i + 1])];
            if (words[0] == "ADDTO" && place == 0)
            {
                Assert.Empty(set.Intersect(list));
                list.AddRange(set);
                list.Sort(static (a, b) => int.Parse(a, CultureInfo.InvariantCulture).CompareTo(int.Parse(b, CultureInfo.InvariantCulture)));
            }
            else if (words[0] == "ADDTO")
            {
                list.InsertRange(place - 1, set);
            }
            else
            {
                int at = place == 0 ? -1 : place - 1;
                Assert.Equal(set, place == 0 ? set.Where(list.Contains) : list.GetRange(at, set.Count));
                list.RemoveAll(set.Contains);
            }
        }
    }

    /// <summary>Message numbers above one that is gone fall by one; that one has left the results before.</summary>
    private static void Shift(int gone, Dictionary<string, List<string>> results)
    {
        for (int i = 0; i < Searches.Length; i++)
        {
            if (Searches[i].StartsWith("UID", StringComparison.Ordinal) || !results.TryGetValue($"ctx{i}", out List<string>? list))
                continue;
            Assert.DoesNotContain(gone.ToString(CultureInfo.InvariantCulture), list);
            for (int k = 0; k < list.Count; k++)
            {
                int number = int.Parse(list[k], CultureInfo.InvariantCulture);
                list[k] = (number > gone ? number - 1 : number).ToString(CultureInfo.InvariantCulture);
            }
        }
    }

    private static IEnumerable<string> Expand(string set)
    {
        foreach (string range in set.Split(','))
        {
            int[] ends = [.. range.Split(':').Select(static end => int.Parse(end, CultureInfo.InvariantCulture))];
            for (int number = ends[0]; number <= ends[^1]; number++)
                yield return number.ToString(CultureInfo.InvariantCulture);
        }
    }
}
