using System.Reflection;
using System.Text.RegularExpressions;
using FullStack.Harness;
using FullStack.Harness.Clients;
using FullStack.Harness.Servers;
using FullStack.Pop3.Server;
using FullStack.Server;
using FullStack.Server.Hosting;
using FullStack.Store;

namespace FullStack.Architecture;

/// <summary>What the server says it can do has an RFC, and a transcript that shows it.</summary>
public sealed class CapabilityTests
{
    /// <summary>The defining RFC of each capability; the name without a parameter.</summary>
    private static readonly Dictionary<string, int> s_imap = new(StringComparer.OrdinalIgnoreCase)
    {
        ["IMAP4rev1"] = 3501,
        ["IMAP4rev2"] = 9051,
        ["BINARY"] = 3516,
        ["CATENATE"] = 4469,
        ["CONVERT"] = 5259,
        ["URLAUTH"] = 4467,
        ["URL-PARTIAL"] = 5550,
        ["PREVIEW"] = 8970,
        ["UTF8=ACCEPT"] = 9755,
        ["STARTTLS"] = 3501,
        ["LOGINDISABLED"] = 3501,
        ["AUTH=PLAIN"] = 4616,
        ["AUTH=SCRAM-SHA-256"] = 7677,
        ["ACL"] = 4314,
        ["RIGHTS"] = 4314,
        ["LIST-MYRIGHTS"] = 8440,
        ["XLIST"] = 6154,
        ["CHILDREN"] = 3348,
        ["COMPRESS=DEFLATE"] = 4978,
        ["CONDSTORE"] = 7162,
        ["ENABLE"] = 5161,
        ["ESEARCH"] = 4731,
        ["MULTIAPPEND"] = 3502,
        ["REPLACE"] = 8508,
        ["MESSAGELIMIT"] = 9738,
        ["SAVELIMIT"] = 9738,
        ["LIST-EXTENDED"] = 5258,
        ["LIST-STATUS"] = 5819,
        ["STATUS=SIZE"] = 8438,
        ["APPENDLIMIT"] = 7889,
        ["UNAUTHENTICATE"] = 8437,
        ["ID"] = 2971,
        ["IDLE"] = 2177,
        ["ANNOTATE-EXPERIMENT-1"] = 5257,
        ["LIST-METADATA"] = 9590,
        ["METADATA"] = 5464,
        ["METADATA-SERVER"] = 5464,
        ["LITERAL+"] = 7888,
        ["MOVE"] = 6851,
        ["NAMESPACE"] = 2342,
        ["NOTIFY"] = 5465,
        ["OBJECTID"] = 8474,
        ["PARTIAL"] = 9394,
        ["QUOTA"] = 9208,
        ["QUOTA=RES-MESSAGE"] = 9208,
        ["QUOTA=RES-MAILBOX"] = 9208,
        ["QUOTASET"] = 9208,
        ["LOGIN-REFERRALS"] = 2221,
        ["QUOTA=RES-STORAGE"] = 9208,
        ["SORT"] = 5256,
        ["SORT=DISPLAY"] = 5957,
        ["ESORT"] = 5267,
        ["CONTEXT=SEARCH"] = 5267,
        ["CONTEXT=SORT"] = 5267,
        ["THREAD=ORDEREDSUBJECT"] = 5256,
        ["THREAD=REFERENCES"] = 5256,
        ["THREAD=REFS"] = 5256,
        ["I18NLEVEL=2"] = 5255,
        ["LANGUAGE"] = 5255,
        ["QRESYNC"] = 7162,
        ["SAVEDATE"] = 8514,
        ["SASL-IR"] = 4959,
        ["SEARCHRES"] = 5182,
        ["SPECIAL-USE"] = 6154,
        ["CREATE-SPECIAL-USE"] = 6154,
        ["UIDPLUS"] = 4315,
        ["UIDONLY"] = 9586,
        ["UIDBATCHES"] = 10022,
        ["MULTISEARCH"] = 7377,
        ["FILTERS"] = 5466,
        ["SEARCH=FUZZY"] = 6203,
        ["INPROGRESS"] = 9585,
        ["UNSELECT"] = 3691,
        ["WITHIN"] = 5032,
    };

    private static readonly Dictionary<string, int> s_smtp = new(StringComparer.OrdinalIgnoreCase)
    {
        ["8BITMIME"] = 6152,
        ["ATRN"] = 2645,
        ["AUTH"] = 4954,
        ["BINARYMIME"] = 3030,
        ["BURL"] = 4468,
        ["CHECKPOINT"] = 1845,
        ["CHUNKING"] = 3030,
        ["DELIVERBY"] = 2852,
        ["DSN"] = 3461,
        ["ETRN"] = 1985,
        ["EXPN"] = 5321,
        ["FUTURERELEASE"] = 4865,
        ["ENHANCEDSTATUSCODES"] = 2034,
        ["HELP"] = 5321,
        ["LIMITS"] = 9422,
        ["MT-PRIORITY"] = 6710,
        ["NO-SOLICITING"] = 3865,
        ["PIPELINING"] = 2920,
        ["PRDR"] = 2033, // draft-hall-prdr-00, which gives SMTP the replies that LMTP has
        ["REQUIRETLS"] = 8689,
        ["RRVS"] = 7293,
        ["SIZE"] = 1870,
        ["SMTPUTF8"] = 6531,
        ["STARTTLS"] = 3207,
        ["VRFY"] = 5321,
        ["XVERP"] = 5321, // Postfix's, in no RFC
    };

    private static readonly Dictionary<string, int> s_pop3 = new(StringComparer.OrdinalIgnoreCase)
    {
        ["AUTH-RESP-CODE"] = 3206,
        ["EXPIRE"] = 2449,
        ["IMPLEMENTATION"] = 2449,
        ["LANG"] = 6856,
        ["LOGIN-DELAY"] = 2449,
        ["PIPELINING"] = 2449,
        ["RESP-CODES"] = 2449,
        ["SASL"] = 5034,
        ["STLS"] = 2595,
        ["TOP"] = 1939,
        ["UIDL"] = 1939,
        ["USER"] = 1939,
        ["UTF8"] = 6856,
    };

    [Fact]
    public async Task Imap_capabilities_have_an_rfc_and_a_transcript()
        => Check(s_imap, await OfferedAsync(ListenerProtocol.Imap), "imap");

    [Fact]
    public async Task Ehlo_keywords_have_an_rfc_and_a_transcript()
        => Check(s_smtp, [.. await OfferedAsync(ListenerProtocol.Smtp), .. await OfferedAsync(ListenerProtocol.Submission), .. await OfferedAsync(ListenerProtocol.Odmr)], "smtp");

    [Fact]
    public async Task Lhlo_keywords_have_an_rfc_and_a_transcript()
        => Check(s_smtp, await OfferedAsync(ListenerProtocol.Lmtp), "smtp");

    [Fact]
    public async Task Pop3_capabilities_have_an_rfc_and_a_transcript()
        => Check(s_pop3, await OfferedAsync(ListenerProtocol.Pop3), "pop3");

    [Fact]
    public void Pop3_verbs_and_response_codes_have_a_transcript()
    {
        string transcripts = TextOf("pop3");
        Findings.None(
            "no transcript in tests/Conformance/pop3 sends:",
            Pop3VerbTable.All.Select(static entry => entry.Verb.Name).Where(verb => !Regex.IsMatch(transcripts, $@"^C\d?(:|<<) {verb}\b", RegexOptions.Multiline | RegexOptions.IgnoreCase)));
        IEnumerable<Pop3Reply> replies =
        [
            .. typeof(Pop3Reply).GetProperties(BindingFlags.Public | BindingFlags.Static).Select(static property => property.GetValue(null)).OfType<Pop3Reply>(),
            .. Enum.GetValues<StoreError>().Where(static error => error != StoreError.None).Select(Pop3Reply.Err), Pop3Reply.TooSoon(1), Pop3Reply.Moved("mail.example.test"),
        ];
        Findings.None(
            "no transcript in tests/Conformance/pop3 is answered with:",
            replies.Select(static reply => reply.Code).OfType<string>().Distinct().Where(code => !Regex.IsMatch(transcripts, $@"^S\d?: -ERR \[{code}\]", RegexOptions.Multiline)));
    }

    private static string TextOf(string folder)
        => string.Join('\n', Directory.EnumerateFiles(SourceTree.PathOf("tests", "Conformance", folder), "*.txt", SearchOption.AllDirectories).Select(File.ReadAllText));

    /// <summary>Everything offered before and after the login.</summary>
    private static async Task<IReadOnlyList<string>> OfferedAsync(ListenerProtocol protocol)
    {
        await using TestMailServer server = await TestMailServer.StartAsync();
        await using LineClient client = await LineClient.ConnectAsync(server.Listener(protocol).EndPoint);
        SessionOpener opener = new(client, protocol);
        await opener.ReadGreetingAsync();
        List<string> offered = [.. await opener.ReadCapabilitiesAsync()];
        if (protocol is not (ListenerProtocol.Smtp or ListenerProtocol.Lmtp))
        {
            await opener.LogInAsync("alice");
            offered.AddRange(await opener.ReadCapabilitiesAsync());
        }

        Assert.NotEmpty(offered);
        return offered;
    }

    private static void Check(Dictionary<string, int> rfcs, IReadOnlyList<string> offered, string folder)
    {
        IReadOnlyDictionary<int, RfcRow> table = RfcRow.ReadAll();
        string transcripts = TextOf(folder);
        List<string> found = [];
        foreach (string name in offered.Select(static offer => offer.Split(' ')[0]).Distinct(StringComparer.OrdinalIgnoreCase))
        {
            if (!rfcs.TryGetValue(name, out int rfc) && !rfcs.TryGetValue(name.Split('=')[0], out rfc)) // A number after the sign is a parameter.
                found.Add($"{name}: no RFC is known for it here");
            else if (!table.TryGetValue(rfc, out RfcRow? row) || row.Status == "planned")
                found.Add($"{name}: RFC {rfc} is not in docs/rfc.tsv as done or partial");
            if (!transcripts.Contains(name, StringComparison.OrdinalIgnoreCase))
                found.Add($"{name}: no transcript in tests/Conformance/{folder} names it");
        }

        Findings.None("offered, but:", found);
    }
}
