using System.Net;
using System.Text.RegularExpressions;
using FullStack.Harness;
using FullStack.Harness.Clients;
using FullStack.Harness.Servers;
using FullStack.Mime;
using FullStack.Server;
using FullStack.Store;

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

    [Fact]
    public async Task Real_mail_has_the_same_structures_sizes_and_parts()
    {
        ExternalProgram.Require("dovecot");
        if (Environment.UserName != "root")
            Assert.Skip("only root can start a Dovecot that serves another user's mail");

        string[] files = Directory.GetFiles(SourceTree.PathOf("tests", "Data", "corpus"), "*.eml", SearchOption.AllDirectories);
        Array.Sort(files, StringComparer.Ordinal);
        Assert.NotEmpty(files);
        await using TestMailServer server = await TestMailServer.StartAsync(new() { Sync = SyncMode.None }, TestContext.Current.CancellationToken);
        Fill(server.MaildirOf("alice"), files);
        await using PrivateDovecot dovecot = await PrivateDovecot.StartAsync("alice", maildir => Fill(maildir, files));
        await using LineClient ours = await OpenAsync(
            server.Listener(ListenerProtocol.Imap).EndPoint, "alice@example.test", TestAccounts.PasswordOf("alice"), files.Length);
        await using LineClient theirs = await OpenAsync(dovecot.EndPoint, "alice", "pass", files.Length);

        List<string> differences = [];
        for (int number = 1; number <= files.Length; number++)
        {
            string items = Items + string.Concat(Sections(files[number - 1]).Select(static section => $" BODY.PEEK[{section}]"));
            Dictionary<string, string> expected = await FetchedValues.FetchAsync(theirs, number, items);
            Dictionary<string, string> actual = await FetchedValues.FetchAsync(ours, number, items);
            foreach ((string item, string value) in expected)
            {
                string name = Path.GetFileName(files[number - 1]), here = actual.GetValueOrDefault(item) ?? "(none)";
                if (!IsSame(item, value, here) && !KnownBrokenAddresses.Contains((name, item)))
                    differences.Add($"{name} {item}\n  Dovecot {Shown(value)}\n  here    {Shown(here)}");
            }
        }

        Assert.True(differences.Count == 0, $"{differences.Count} differences\n" + string.Join('\n', differences));
    }

    /// <summary>Whether two values are the same but for the differences of spelling that docs/differences-dovecot.md explains.</summary>
    private static bool IsSame(string item, string dovecot, string here) => item switch
    {
        "ENVELOPE" => WithSingleSpaces(dovecot) == WithSingleSpaces(here),
        "BODY" or "BODYSTRUCTURE" when dovecot.StartsWith(DovecotsShortForm, StringComparison.Ordinal)
            => dovecot.Equals(here, StringComparison.OrdinalIgnoreCase),
        _ => dovecot == here,
    };

    /// <summary>Dovecot makes runs of white space one, and drops it at the ends of strings.</summary>
    private static string WithSingleSpaces(string envelope)
        => Regex.Replace(Regex.Replace(envelope, "[ \\t]+", " "), "(?<=\\w) \" NIL", "\" NIL");

    private static string Shown(string value) => value.Length <= 3000 ? value : value[..3000] + "…";

    /// <summary>The same messages under the same names, all seen, so that both servers number them alike.</summary>
    private static void Fill(string maildir, string[] files)
    {
        foreach (string part in (string[])["tmp", "new", "cur"])
            Directory.CreateDirectory(Path.Combine(maildir, part));
        for (int i = 0; i < files.Length; i++)
            File.Copy(files[i], Path.Combine(maildir, "cur", $"{1700000000 + i}.M{i}P1.example:2,S"));
    }

    private static async Task<LineClient> OpenAsync(IPEndPoint server, string user, string password, int messages)
    {
        LineClient client = await LineClient.ConnectAsync(server);
        Assert.StartsWith("* OK", await client.ReadLineAsync(), StringComparison.Ordinal);
        await client.SendLineAsync($"a LOGIN {user} {password}");
        Assert.StartsWith("a OK", (await client.ReadLinesAsync(IsTagged))[^1], StringComparison.Ordinal);
        await client.SendLineAsync("a EXAMINE INBOX");
        IReadOnlyList<string> examined = await client.ReadLinesAsync(IsTagged);
        Assert.Contains($"* {messages} EXISTS", examined);
        return client;
    }

    private static bool IsTagged(string line) => line.StartsWith("a ", StringComparison.Ordinal);

    /// <summary>All part numbers of a message, each with the header of the part, and the header and text of messages inside.</summary>
    private static List<string> Sections(string file)
    {
        MessageParser parser = new();
        parser.Push(File.ReadAllBytes(file));
        List<string> sections = [];
        AddMessage(parser.Complete().Root, "", sections);
        return sections;
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
