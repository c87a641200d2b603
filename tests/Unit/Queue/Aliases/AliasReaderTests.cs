using FsCheck;
using FsCheck.Fluent;
using FullStack.Queue.Aliases;

namespace FullStack.Unit.Queue.Aliases;

public sealed class AliasReaderTests
{
    [Theory]
    [InlineData("root: alice", "alice")]
    [InlineData("root:alice,bob", "alice bob")]
    [InlineData("root :\talice , bob ,", "alice bob")]
    [InlineData("ROOT: Alice@Example.ORG", "Alice@Example.ORG")]
    [InlineData("\"root\": alice", "alice")]
    [InlineData("root: alice,\n# a comment in between\n\n   bob", "alice bob")]
    [InlineData("root: \\alice", "\\alice")]
    [InlineData("root: \"\\\\alice\"", "\\alice")]
    [InlineData("root: \\alice, bob", "\\alice bob")]
    [InlineData("root: \"|/usr/bin/vacation -a \\\"x\\\" root\"", "\"|/usr/bin/vacation -a \"x\" root\"")]
    [InlineData("root: |\"exec /usr/bin/procmail, -f\"", "\"|exec /usr/bin/procmail, -f\"")]
    [InlineData("root: |/usr/bin/procmail, bob", "\"|/usr/bin/procmail\" bob")]
    [InlineData("root: \"|cat > /tmp/a, b\"", "\"|cat > /tmp/a, b\"")]
    [InlineData("root: /var/mail/archive", "/var/mail/archive")]
    [InlineData("root: \"/var/mail/with blank/\"", "/var/mail/with blank/")]
    [InlineData("root: :include:/etc/list", ":include:/etc/list")]
    [InlineData("root: \":Include:/etc/list\"", ":include:/etc/list")]
    [InlineData("root: Alice (in (deed)) <alice@example.org>, bob (at home)", "alice@example.org bob")]
    [InlineData("root: \"Doe, John\" <john@example.org>", "john@example.org")]
    [InlineData("root: \"john doe\"", "\"john doe\"")]
    [InlineData("root: \"john doe\"@example.org", "\"john doe\"@example.org")]
    [InlineData("root: a@[192.0.2.1]", "a@[192.0.2.1]")]
    public void Targets_are_read(string text, string targets)
    {
        IReadOnlyDictionary<string, AliasEntry> entries = Read(text, out List<AliasProblem> problems);
        Assert.Equal([], problems);
        Assert.Equal(targets, string.Join(' ', entries["root"].Targets));
    }

    [Theory]
    [InlineData("root alice", 1)]
    [InlineData("\n\nroot: \"alice", 3)]
    [InlineData("root:", 1)]
    [InlineData("root: ,\n ,", 1)]
    [InlineData(" root: alice", 1)]
    [InlineData("root: alice\nROOT: bob", 2)]
    [InlineData("a: b\nroot: alice,\n  bob,\n  <carol", 4)]
    [InlineData("root: alice (at home", 1)]
    [InlineData("root: |", 1)]
    [InlineData("root: \"|\"", 1)]
    [InlineData("root: :include:list", 1)]
    [InlineData("root: :fail:", 1)]
    [InlineData("root: alice@", 1)]
    [InlineData("root: alice@exa mple", 1)]
    [InlineData("root: alice bob", 1)]
    [InlineData("root@example.org: alice", 1)]
    [InlineData("ro,ot: alice", 1)]
    [InlineData("root: <alice> bob", 1)]
    [InlineData("root: alice\n\tbob,\n carol", 1)]
    public void Mistakes_are_told_with_their_line(string text, int line)
    {
        Read(text, out List<AliasProblem> problems);
        AliasProblem problem = Assert.Single(problems);
        Assert.Equal(("/etc/aliases", line), (problem.File, problem.Line));
        Assert.NotEqual("", problem.Text);
    }

    [Fact]
    public void All_mistakes_are_told_up_to_a_hundred()
    {
        Read(string.Concat(Enumerable.Repeat("wrong\n", 1000)), out List<AliasProblem> problems);
        Assert.Equal(100, problems.Count);
        Assert.Equal(2, problems[1].Line);
    }

    [Fact]
    public void A_file_of_targets_has_one_or_more_in_each_line()
    {
        List<AliasProblem> problems = [];
        IReadOnlyList<AliasTarget> targets = AliasReader.ReadList("/home/alice/.forward", "# mine\n\\alice, bob\n  # and\n\"|vacation alice\"\r\ncarol@example.org\n", problems);
        Assert.Equal([], problems);
        Assert.Equal("\\alice bob \"|vacation alice\" carol@example.org", string.Join(' ', targets));
    }

    [Fact]
    public void What_is_written_as_target_is_read_as_the_same() => Prop.ForAll(
        Gen.Elements("alice", "bob.b", "john doe", "x\"y", "a\\b", "ä").ToArbitrary(), Gen.Elements(null, "example.org", "[192.0.2.1]").ToArbitrary(), ArbMap.Default.ArbFor<bool>(),
        static (local, domain, isFinal) =>
        {
            AddressTarget target = new(local, domain, isFinal);
            List<AliasProblem> problems = [];
            return AliasReader.ReadList("f", target.ToString(), problems) is [AddressTarget read] && read == target && problems.Count == 0;
        }).QuickCheckThrowOnFailure();

    [Fact]
    public void No_text_makes_the_readers_fail() => Prop.ForAll(
        Gen.Elements([.. "abroot@\\\"'|/:,;<>()#\t\r\n \0é𝄞.-", '\ud800']).ListOf().Select(static list => new string([.. list])).ToArbitrary(),
        static text =>
        {
            List<AliasProblem> problems = [];
            AliasReader.Read("f", text, problems);
            AliasReader.ReadList("f", text, problems);
            CourierReader.Read("f", text, "/home/alice", problems);
            int lines = text.Count(static c => c == '\n') + 1;
            return problems.TrueForAll(problem => problem.Line >= 1 && problem.Line <= lines);
        }).QuickCheckThrowOnFailure();

    private static IReadOnlyDictionary<string, AliasEntry> Read(string text, out List<AliasProblem> problems)
    {
        problems = [];
        return AliasReader.Read("/etc/aliases", text, problems);
    }
}
