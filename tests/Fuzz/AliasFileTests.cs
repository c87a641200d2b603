using System.Text;
using FullStack.Queue.Aliases;
using FullStack.Queue.Masquerading;

namespace FullStack.Fuzz;

/// <summary>
/// Files of aliases, lists, .forward and .courier files, and tables of outside addresses, changed at random: reading one never throws, says in which line
/// what is wrong, and what is whole means the same when it is written down and read again.
/// </summary>
public sealed class AliasFileTests
{
    private const int MaxProblems = 100;
    private const int MaxText = 2000;
    private const string File = "/home/alice/.courier";

    private static readonly byte[][] s_seeds =
    [
        .. new[]
        {
            "# aliases\nroot: alice, \\bob\nstaff:\t:include:/etc/mail/staff,\n  \"|/usr/bin/prog -a \\\"b c\\\"\", /var/mail/x\n\"a b\": carol@example.org\n",
            "owner-list: joe@[192.0.2.1] (comment, (nested)), Joe Doe <joe@example.org>\nlist: \"/var/mail/with, comma\", \"\\\\alice\"\n",
            "alice, bob\n# comment\n\"|vacation alice\"\n/home/alice/Maildir/\n\\alice\n",
            "./Maildir/\n./Maildir/.Lists/\n|maildrop\n|/usr/bin/prog \\\n  --more\n!joe@example.org\n&joe@example.org, kay@example.org\n/var/mail/alice\n",
            "# table\nann@pc1.lan\tann@example.org\n@pc2.lan @example.org\n@.lan office@example.org\n\"b ob\"@pc1.lan bob@example.org\n",
            "caf\u00e9: j\u00fcrgen@b\u00fccher.example, \u00a0, \u2028x\n\f: y\n\v\n",
        }.Select(Encoding.UTF8.GetBytes),
    ];

    [Fact]
    public void Files_of_aliases() => Try((text, problems) =>
    {
        IReadOnlyDictionary<string, AliasEntry> entries = AliasReader.Read(File, text, problems);
        return (entries.Values.SelectMany(static entry => entry.Targets),
            () => AliasReader.Read(File, string.Join('\n', entries.Values.Select(static entry => $"\"{entry.Name}\": {Written(entry.Targets)}")), problems).Values.SelectMany(static entry => entry.Targets));
    });

    [Fact]
    public void Lists_and_forward_files() => Try((text, problems) =>
    {
        IReadOnlyList<AliasTarget> targets = AliasReader.ReadList(File, text, problems);
        return (targets, () => AliasReader.ReadList(File, Written(targets), problems));
    });

    [Fact]
    public void Courier_files() => Try((text, problems) =>
    {
        IReadOnlyList<AliasTarget> targets = CourierReader.Read(File, text, "/home/alice", problems);
        return (targets, () => CourierReader.Read(File, string.Join('\n', targets.Select(static target => target switch
        {
            ProgramTarget program => $"|{program.Command}",
            AddressTarget => $"!{target}",
            _ => target.ToString(),
        })), "/home/alice", problems));
    });

    [Fact]
    public void Tables_of_outside_addresses() => Try((text, problems) =>
    {
        MasqueradeTable.Read(File, text, problems);
        return ([], static () => []);
    });

    private static void Try(Func<string, List<AliasProblem>, (IEnumerable<AliasTarget> Targets, Func<IEnumerable<AliasTarget>> Again)> read)
    {
        foreach (int seed in new FuzzBudget(0.04).Seeds())
        {
            string text = Encoding.UTF8.GetString(new Mutator(s_seeds, new Random(seed)).Next());
            try
            {
                List<AliasProblem> problems = [];
                (IEnumerable<AliasTarget> targets, Func<IEnumerable<AliasTarget>> again) = read(text, problems);
                int lines = text.Split('\n', '\r').Length;
                Assert.InRange(problems.Count, 0, MaxProblems);
                Assert.All(problems, problem => Assert.InRange(problem.Line, 1, lines));
                if (problems.Count > 0)
                    continue;
                AliasTarget[] all = [.. targets];
                if (all.Any(IsOdd))
                    continue;
                Assert.Equal(all, again());
                Assert.Empty(problems);
            }
            catch (Exception e)
            {
                Assert.Fail($"seed {seed}: {e.Message}\n{text}");
            }
        }
    }

    /// <summary>What cannot be written in this test's way: texts of two lines, texts that quotes make too long, and names that look like something else but for a comment before them.</summary>
    private static bool IsOdd(AliasTarget target) => target.ToString()!.AsSpan().ContainsAny('\r', '\n') || target.ToString()!.Length > MaxText
        || (target is AddressTarget { LocalPart: { Length: > 0 } name } && name[0] is '\\' or '/' or '|' or ':' or '#');

    private static string Written(IEnumerable<AliasTarget> targets) => string.Join(", ", targets.Select(static target => target switch
    {
        ProgramTarget program => Quoted($"|{program.Command}"),
        FileTarget or IncludeTarget => Quoted(target.ToString()!),
        _ => target.ToString(),
    }));

    private static string Quoted(string text) => $"\"{text.Replace("\\", "\\\\", StringComparison.Ordinal).Replace("\"", "\\\"", StringComparison.Ordinal)}\"";
}
