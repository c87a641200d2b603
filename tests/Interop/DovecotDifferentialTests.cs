using System.Text;
using System.Text.RegularExpressions;
using FullStack.Harness.Clients;
using FullStack.Mime;

namespace FullStack.Interop;

/// <summary>Asks this server and Debian's Dovecot the same of the same Maildir. docs/differences-dovecot.md lists what may differ.</summary>
public sealed class DovecotDifferentialTests
{
    private const string Items = "RFC822.SIZE ENVELOPE BODY BODYSTRUCTURE BODY.PEEK[] BODY.PEEK[HEADER] BODY.PEEK[TEXT] RFC822.HEADER"
        + " BODY.PEEK[HEADER.FIELDS.NOT (Received)] BODY.PEEK[]<7.100> BODY.PEEK[TEXT]<1000000.5>";

    /// <summary>How Dovecot shows every plain ASCII text, however its type was written.</summary>
    private const string DovecotsShortForm = "(\"text\" \"plain\" (\"charset\" \"us-ascii\") NIL NIL \"7bit\" ";

    /// <summary>Recipients that are no addresses, which Dovecot calls SYNTAX_ERROR.</summary>
    private static readonly HashSet<(string File, string Item)> KnownBrokenAddresses =
    [
        ("spam-1-00133.eml", "ENVELOPE"),
        ("spam-1-00373.eml", "ENVELOPE"),
        ("spam-2-00026.eml", "ENVELOPE"),
        ("spam-2-00930.eml", "ENVELOPE"),
    ];

    /// <summary>Messages whose previews differ by quoted lines, octets that are not of the charset they are labelled with, words that Dovecot loses, or a title that begins like the text.</summary>
    private static readonly HashSet<string> KnownOtherPreviews =
    [
        "easy-ham-1-01001.eml", "easy-ham-2-00811.eml", "hard-ham-1-00061.eml", "spam-1-00121.eml", "spam-1-00313.eml", "spam-2-00376.eml",
        "spam-2-00579.eml", "spam-2-00780.eml", "spam-2-00880.eml",
    ];

    /// <summary>Messages for parts of which Dovecot tells another BINARY.SIZE than BINARY has octets.</summary>
    private static readonly HashSet<string> KnownWrongSizes
        = ["easy-ham-1-01561.eml", "hard-ham-1-00233.eml", "hard-ham-1-00245.eml", "spam-1-00265.eml", "spam-2-01230.eml"];

    [Fact]
    public async Task Real_mail_has_the_same_structures_sizes_and_parts()
    {
        await using DovecotPair pair = await DovecotPair.StartAsync("EXAMINE INBOX", TestContext.Current.CancellationToken);
        List<string> differences = [];
        for (int number = 1; number <= pair.Files.Count; number++)
        {
            string items = Items + string.Concat(Sections(pair.Files[number - 1]).Select(static section => $" BODY.PEEK[{section}]"));
            Dictionary<string, string> expected = await FetchedValues.FetchAsync(pair.Theirs, number, items);
            Dictionary<string, string> actual = await FetchedValues.FetchAsync(pair.Ours, number, items);
            foreach ((string item, string value) in expected)
            {
                string name = Path.GetFileName(pair.Files[number - 1]), here = actual.GetValueOrDefault(item) ?? "(none)";
                if (!IsSame(item, value, here) && !KnownBrokenAddresses.Contains((name, item)))
                    differences.Add($"{name} {item}\n  Dovecot {Shown(value)}\n  here    {Shown(here)}");
            }
        }

        Assert.True(differences.Count == 0, $"{differences.Count} differences\n" + string.Join('\n', differences));
    }

    [Fact]
    public async Task Real_mail_has_the_same_parts_without_their_transfer_encoding()
    {
        await using DovecotPair pair = await DovecotPair.StartAsync("EXAMINE INBOX", TestContext.Current.CancellationToken);
        List<string> differences = [];
        int compared = 0;
        for (int number = 1; number <= pair.Files.Count; number++)
        {
            foreach (string path in Leaves(pair.Files[number - 1]))
            {
                string items = $"BINARY.PEEK[{path}] BINARY.SIZE[{path}] BINARY.PEEK[{path}]<3.20>";
                Dictionary<string, string> expected = await FetchedValues.FetchAsync(pair.Theirs, number, items, mayRefuse: true); // where the encoding is broken
                Dictionary<string, string> actual = await FetchedValues.FetchAsync(pair.Ours, number, items);
                foreach ((string item, string value) in expected)
                {
                    compared++;
                    bool isWrong = item.StartsWith("BINARY.SIZE", StringComparison.Ordinal) && KnownWrongSizes.Contains(Path.GetFileName(pair.Files[number - 1]));
                    if (actual.GetValueOrDefault(item) != value && !isWrong)
                        differences.Add($"{Path.GetFileName(pair.Files[number - 1])} {item}\n  Dovecot {Shown(value)}\n  here    {Shown(actual.GetValueOrDefault(item) ?? "(none)")}");
                }
            }
        }

        Assert.True(compared > 100);
        Assert.True(differences.Count == 0, $"{differences.Count} of {compared} differ\n" + string.Join('\n', differences));
    }

    [Fact]
    public async Task Real_mail_has_the_same_previews()
    {
        await using DovecotPair pair = await DovecotPair.StartAsync("EXAMINE INBOX", TestContext.Current.CancellationToken);
        List<string> differences = [];
        for (int number = 1; number <= pair.Files.Count; number++)
        {
            string theirs = (await FetchedValues.FetchAsync(pair.Theirs, number, "PREVIEW"))["PREVIEW"];
            string ours = (await FetchedValues.FetchAsync(pair.Ours, number, "PREVIEW"))["PREVIEW"];
            if (!IsSamePreview(theirs, ours) && !KnownOtherPreviews.Contains(Path.GetFileName(pair.Files[number - 1])))
                differences.Add($"{Path.GetFileName(pair.Files[number - 1])}\n  Dovecot {theirs}\n  here    {ours}");
        }

        Assert.True(differences.Count == 0, $"{differences.Count} differences\n" + string.Join('\n', differences));
    }

    [Fact]
    public async Task Broken_addresses_have_the_same_envelopes()
    {
        string[] fields =
        [
            "somebody", "<somebody>", "@host", "<>", "John Doe", "\"John Doe\"", "John <somebody>", "a@b, somebody, c@d", "a@",
            "Team: somebody, x@y;", "Team:;", "a@b c@d", "<@route:a@b>", "(only a comment)", "a@b (John)", "=?utf-8?q?J=C3=B6?= <j@b>",
        ];
        CancellationToken ct = TestContext.Current.CancellationToken;
        await using DovecotPair pair = await DovecotPair.StartAsync("SELECT INBOX", ct);
        List<string> differences = [];
        for (int i = 0; i < fields.Length; i++)
        {
            string message = $"From: x@y\r\nTo: {fields[i]}\r\n\r\n";
            foreach (LineClient client in (LineClient[])[pair.Ours, pair.Theirs])
            {
                await client.SendLineAsync($"c APPEND INBOX {{{message.Length}+}}\r\n{message}", ct);
                IReadOnlyList<string> answer = await client.ReadLinesAsync(static line => line.StartsWith("c ", StringComparison.Ordinal), ct);
                Assert.StartsWith("c OK", answer[^1], StringComparison.Ordinal);
            }

            int number = pair.Files.Count + 1 + i;
            string theirs = (await FetchedValues.FetchAsync(pair.Theirs, number, "ENVELOPE"))["ENVELOPE"];
            string ours = (await FetchedValues.FetchAsync(pair.Ours, number, "ENVELOPE"))["ENVELOPE"];
            if (theirs != ours)
                differences.Add($"To: {fields[i]}\n  Dovecot {theirs}\n  here    {ours}");
        }

        Assert.True(differences.Count == 0, string.Join('\n', differences));
    }

    /// <summary>Whether two values are the same but for the differences of spelling that docs/differences-dovecot.md explains.</summary>
    private static bool IsSame(string item, string dovecot, string here) => item switch
    {
        "ENVELOPE" => WithSingleSpaces(dovecot) == WithSingleSpaces(here),
        "BODY" or "BODYSTRUCTURE" when dovecot.StartsWith(DovecotsShortForm, StringComparison.Ordinal)
            => dovecot.Equals(here, StringComparison.OrdinalIgnoreCase),
        _ => dovecot == here,
    };

    /// <summary>
    /// Whether two previews have the same words as far as both go: white space aside, without the <c>&amp;</c> that Dovecot loses, its titles in front, or its
    /// signatures behind.
    /// </summary>
    private static bool IsSamePreview(string dovecot, string here)
    {
        string theirs = WithoutSpace(dovecot), ours = WithoutSpace(here);
        if (theirs == ours)
            return true;
        if (ours.Length == 0)
            return false;
        int begins = theirs.IndexOf(ours[..Math.Min(ours.Length, 20)], StringComparison.Ordinal);
        string rest = begins < 0 ? "" : theirs[begins..];
        int common = Math.Min(rest.Length, ours.Length);
        return common > 0 && rest[..common] == ours[..common] && (rest.Length <= ours.Length || rest[common..].StartsWith("--", StringComparison.Ordinal) || begins > 0 || ours.Length > 150);
    }

    private static string WithoutSpace(string preview)
        => Regex.Replace(Encoding.UTF8.GetString(Encoding.Latin1.GetBytes(preview[1..^1])), "[\\s&]+", "");

    /// <summary>Dovecot makes runs of white space one, and drops it at the ends of strings.</summary>
    private static string WithSingleSpaces(string envelope)
        => Regex.Replace(Regex.Replace(envelope, "[ \\t]+", " "), "(?<=\\w) \" NIL", "\" NIL");

    private static string Shown(string value) => value.Length <= 3000 ? value : value[..3000] + "…";

    /// <summary>All part numbers of a message, each with the header of the part, and the header and text of messages inside.</summary>
    private static List<string> Sections(string file)
    {
        MessageParser parser = new();
        parser.Push(File.ReadAllBytes(file));
        List<string> sections = [];
        AddMessage(parser.Complete().Root, "", sections);
        return sections;
    }

    /// <summary>The part numbers of the parts that have an encoding to be undone: those without parts in them, whose encoding is a known one.</summary>
    private static List<string> Leaves(string file)
    {
        MessageParser parser = new();
        parser.Push(File.ReadAllBytes(file));
        List<string> leaves = [];
        AddLeaves(parser.Complete().Root, "", isMessage: true, leaves);
        return leaves;
    }

    private static void AddLeaves(MimePart part, string path, bool isMessage, List<string> leaves)
    {
        string prefix = path.Length == 0 ? "" : path + ".";
        if (IsMultipart(part))
        {
            for (int i = 0; i < part.Children.Count; i++)
                AddLeaves(part.Children[i], $"{prefix}{i + 1}", isMessage: false, leaves);
        }
        else if (part.Children.Count == 0 && BodyText.CanDecodeTransfer(part.TransferEncoding))
        {
            leaves.Add(isMessage ? prefix + "1" : path);
        }
    }

    private static void AddMessage(MimePart message, string prefix, List<string> sections)
    {
        if (IsMultipart(message))
            AddChildren(message, prefix, sections);
        else
            AddPart(message, prefix + "1", sections);
    }

    private static void AddChildren(MimePart multipart, string prefix, List<string> sections)
    {
        for (int i = 0; i < multipart.Children.Count; i++)
            AddPart(multipart.Children[i], $"{prefix}{i + 1}", sections);
    }

    private static void AddPart(MimePart part, string path, List<string> sections)
    {
        sections.Add(path);
        sections.Add(path + ".MIME");
        if (IsMultipart(part))
        {
            AddChildren(part, path + ".", sections);
        }
        else if (part.Children.Count == 1)
        {
            sections.Add(path + ".HEADER");
            sections.Add(path + ".TEXT");
            AddMessage(part.Children[0], path + ".", sections);
        }
    }

    private static bool IsMultipart(MimePart part) => part.ContentType.Type.Equals("multipart", StringComparison.OrdinalIgnoreCase);
}
