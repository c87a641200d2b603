using System.Net;
using FullStack.Auth.Backends;
using FullStack.Harness;
using FullStack.Queue.Aliases;
using FullStack.Queue.Delivery;
using FullStack.Queue.Programs;
using FullStack.Queue.Routing;
using FullStack.Queue.Srs;
using FullStack.Smtp;
using FullStack.Smtp.Server;
using FullStack.Store;
using FullStack.Unit.Store;
using Microsoft.Extensions.Logging.Abstractions;

namespace FullStack.Unit.Queue.Aliases;

/// <summary>Where addresses lead with a file of aliases and files of users' own.</summary>
public sealed class ExpansionTests : IAsyncDisposable
{
    private readonly ScratchFolder _folder = new();
    private readonly TempStore _temp = new();
    private readonly AccountDirectory _directory;
    private AliasOptions _aliases = new();

    public ExpansionTests()
    {
        _directory = new(_folder.File("directory.db"));
        Assert.Equal(DirectoryOutcome.Done, _directory.AddDomain("example.test"));
        Assert.Equal(DirectoryOutcome.Done, _directory.AddDomain("other.test"));
        foreach (string user in new[] { "alice@example.test", "bob@example.test", "dora@other.test" })
            Assert.Equal(DirectoryOutcome.Done, _directory.AddUser(user, "{PLAIN}x"));
    }

    public async ValueTask DisposeAsync()
    {
        await _temp.DisposeAsync();
        _directory.Dispose();
        _folder.Dispose();
    }

    [Theory]
    [InlineData("root", "alice@example.test")]
    [InlineData("ROOT", "alice@example.test")]
    [InlineData("root+cron", "alice@example.test")]
    [InlineData("staff", "alice@example.test bob@example.test")]
    [InlineData("listed", "bob@example.test alice@example.test")]
    [InlineData("alice", "alice@example.test bob@example.test")]
    [InlineData("final", "alice@example.test")]
    [InlineData("there", "dora@other.test")]
    [InlineData("away", "> someone@example.org")]
    [InlineData("both", "alice@example.test > someone@example.org")]
    [InlineData("news", "owner-news@example.test: bob@example.test > someone@example.org")]
    [InlineData("archive", "/var/mail/archive")]
    [InlineData("robot", "|robot -x")]
    [InlineData("owner-news", "bob@example.test")]
    public async Task Aliases_of_the_file_lead_on(string name, string route)
    {
        File.WriteAllText(_folder.File("list"), "# members\nbob, \\alice\n");
        Aliases($"""
            root: alice-real
            alice-real: \alice
            staff: \alice, bob, staff-and-more
            staff-and-more: bob
            listed: :include:{_folder.File("list")}
            alice: alice, bob
            final: \alice
            there: dora@other.test
            away: someone@example.org
            both: \alice, away
            news: bob, someone@example.org
            owner-news: bob
            archive: /var/mail/archive
            robot: "|robot -x"
            """);
        Assert.Equal(route, TextOf(await RouteAsync($"{name}@example.test")));
    }

    [Theory]
    [InlineData("nobody", 550)]
    [InlineData("empty", 550)]
    [InlineData("loop", 554)]
    [InlineData("broken", 451)]
    public async Task What_leads_nowhere_is_refused(string name, int code)
    {
        string list = _folder.File("list");
        File.WriteAllText(list, "bob\n");
        Aliases($"empty: gone\nloop: pool\npool: loop\nbroken: :include:{list}\n");
        File.Delete(list);
        Assert.Equal(code, (await CheckAsync($"{name}@example.test")).Refusal!.Code);
    }

    /// <summary>Nine files of thirty lines that each include the next would be gone through thirty to the eighth times.</summary>
    [Fact]
    public async Task Lists_that_include_each_other_many_times_are_read_once()
    {
        const int lists = AliasTable.MaxIncludeDepth;
        File.WriteAllText(_folder.File($"list{lists}"), "bob\nsomeone@example.org\nSOMEONE@example.org\n");
        for (int i = 1; i < lists; i++)
            File.WriteAllText(_folder.File($"list{i}"), string.Concat(Enumerable.Repeat($":include:{_folder.File($"list{i + 1}")}\n", 30)));
        Aliases($"all: :include:{_folder.File("list1")}\n");
        _aliases = _aliases with { MaxAddresses = 1000 };
        Assert.Equal("bob@example.test > someone@example.org", TextOf(await RouteAsync("all@example.test")));
    }

    /// <summary>The check at the start cannot know what the owner of a list makes of it later.</summary>
    [Fact]
    public async Task A_list_that_comes_to_include_itself_is_a_loop()
    {
        string list = _folder.File("list");
        File.WriteAllText(list, "bob\n");
        Aliases($"all: :include:{list}\n");
        File.WriteAllText(list, string.Concat(Enumerable.Repeat($":include:{list}\n", 1000)));
        Assert.Equal(554, (await CheckAsync("all@example.test")).Refusal!.Code);
    }

    [Fact]
    public async Task Each_of_a_hundred_thousand_members_is_reached_once()
    {
        const int members = 100_000;
        string list = _folder.File("list");
        File.WriteAllText(list, string.Concat(Enumerable.Range(0, members - 3).Select(static i => $"m{i}@example.org\n")) + "bob\n");
        Aliases($"all: :include:{list}\n");
        MailRoute route = await RouteAsync("all@example.test");
        Assert.Equal(members - 3, Assert.Single(route.Copies).Elsewhere.Distinct().Count());
        Assert.Equal("bob@example.test", Assert.Single(route.Targets).Account.ToString());
    }

    /// <summary>Not cut: nobody would hear who did not get the message.</summary>
    [Theory]
    [InlineData("m0@example.org\nm1@example.org\nm2@example.org\nm3@example.org\n")]
    [InlineData("/var/mail/a\n/var/mail/b\n/var/mail/c\n/var/mail/d\n")]
    [InlineData("bob\nbob\nbob\nbob\n")]
    public async Task Mail_for_a_list_that_is_too_long_is_put_off(string members)
    {
        File.WriteAllText(_folder.File("list"), members);
        Aliases($"all: :include:{_folder.File("list")}\n");
        _aliases = _aliases with { MaxAddresses = 6 }; // the alias, the list and four
        Assert.Null((await CheckAsync("all@example.test")).Refusal);
        _aliases = _aliases with { MaxAddresses = 5 };
        Assert.Equal("451 4.3.5", await RefusalAsync("all@example.test", Policy()));
        await Assert.ThrowsAsync<IOException>(async () => await Policy().ResolveAsync(new("all", "example.test"), TestContext.Current.CancellationToken));
    }

    [Fact]
    public async Task Aliases_hold_for_their_domains_and_those_of_the_directory_come_first()
    {
        Aliases("root: alice\npool: alice\n");
        Assert.Equal(550, (await CheckAsync("root@other.test")).Refusal!.Code);
        _aliases = _aliases with { Domains = ["other.test"] };
        Assert.Equal(550, (await CheckAsync("root@example.test")).Refusal!.Code);
        Assert.Equal(DirectoryOutcome.Done, _directory.AddAlias("pool@other.test", ["bob@example.test"]));
        Assert.Equal("bob@example.test", TextOf(await RouteAsync("pool@other.test")));
    }

    [Fact]
    public async Task Programs_and_files_of_aliases_can_be_forbidden()
    {
        Aliases("robot: \"|robot\", bob\narchive: /var/mail/archive\n");
        _aliases = _aliases with { AllowsActions = false };
        Assert.Equal("bob@example.test", TextOf(await RouteAsync("robot@example.test")));
        Assert.Equal(550, (await CheckAsync("archive@example.test")).Refusal!.Code);
    }

    [Theory]
    [InlineData(".forward", "bob\n", "bob@example.test")]
    [InlineData(".forward", "\\alice, someone@example.org", "alice@example.test > someone@example.org")]
    [InlineData(".forward", "alice, bob", "alice@example.test bob@example.test")]
    [InlineData(".forward", "\"|vacation alice\", \\alice", "alice@example.test |vacation alice")]
    [InlineData(".forward", "# nothing", "alice@example.test")]
    [InlineData(".forward", "<broken", "alice@example.test")]
    [InlineData(".forward", ":include:/etc/passwd", "alice@example.test")]
    [InlineData(".courier", "", "alice@example.test")]
    [InlineData(".courier", "# nothing", "/dev/null")]
    [InlineData(".courier", "./Maildir/\n&someone@example.org", "alice@example.test > someone@example.org")]
    [InlineData(".courier", "./mail\n|one\n/two\n|three", "HOME/mail |one then /two then |three")]
    public async Task Users_files_lead_on(string file, string text, string route)
    {
        Personal(file, text);
        Allow();
        Assert.Equal(route.Replace("HOME", Home, StringComparison.Ordinal), TextOf(await RouteAsync("alice@example.test")));
    }

    [Theory]
    [InlineData("alice+list@example.test", "1@example.org")]
    [InlineData("alice+LIST@example.test", "1@example.org")]
    [InlineData("alice+list-more@example.test", "2@example.org")]
    [InlineData("alice+a.b@example.test", "3@example.org")]
    [InlineData("alice+else@example.test", "4@example.org")]
    [InlineData("alice+tag@example.test", "4@example.org")]
    [InlineData("alice@example.test", "5@example.org")]
    public async Task Courier_files_are_for_details(string address, string there)
    {
        Personal(".courier-list", "1@example.org");
        Personal(".courier-list-default", "2@example.org");
        Personal(".courier-a:b", "3@example.org");
        Personal(".courier-default", "4@example.org");
        Personal(".courier", "5@example.org");
        Personal(".forward", "6@example.org");
        Allow();
        Assert.Equal("> " + there, TextOf(await RouteAsync(address)));
    }

    [Fact]
    public async Task Users_files_count_only_where_they_may()
    {
        Personal(".forward", "bob, \"|robot\"");
        Assert.Equal("alice@example.test", TextOf(await RouteAsync("alice@example.test")));
        _aliases = _aliases with { ForwardAccounts = ["@example.test"] };
        Assert.Equal("alice@example.test", TextOf(await RouteAsync("alice@example.test")));
        _aliases = _aliases with { ActionAccounts = ["alice@example.test"] };
        Assert.Equal("bob@example.test |robot", TextOf(await RouteAsync("alice@example.test")));
        File.SetUnixFileMode(Path.Combine(Home, ".forward"), (UnixFileMode)0b110_110_110);
        Assert.Equal("alice@example.test", TextOf(await RouteAsync("alice@example.test")));
        File.Move(Path.Combine(Home, ".forward"), _folder.File("real"));
        File.SetUnixFileMode(_folder.File("real"), (UnixFileMode)0b110_000_000);
        File.CreateSymbolicLink(Path.Combine(Home, ".forward"), _folder.File("real"));
        Assert.Equal("alice@example.test", TextOf(await RouteAsync("alice@example.test")));
    }

    [Fact]
    public async Task Who_forwards_all_mail_still_may_send()
    {
        Personal(".forward", "someone@example.org");
        Allow();
        SmtpPeer peer = QueueRig.Peer();
        Assert.True((await Policy().CheckSenderAsync(new("alice", "example.test"), peer, TestContext.Current.CancellationToken)).IsSuccess);
    }

    [Fact]
    public async Task Rewritten_addresses_lead_back_for_anybody_and_forged_ones_nowhere()
    {
        SenderRewriting rewriting = new("example.test", ["a key of some length"u8.ToArray()], new ManualTimeProvider());
        ReversePath made = rewriting.Rewrite(new("someone", "example.org"));
        LocalRecipients policy = Policy(rewriting);
        RecipientVerdict verdict = await CheckAsync(made.Address!.ToString(), policy);
        Assert.Equal("someone@example.org", Assert.Single(Assert.IsType<MailRoute>(verdict.Route).Elsewhere).ToString());
        Assert.Equal("550 5.1.1", await RefusalAsync("SRS0=AAAA=BC=example.org=someone@example.test", policy));
        ReversePath own = rewriting.Rewrite(new("bob", "example.test.invalid"));
        Assert.Equal("bob@example.test.invalid", Assert.Single((await policy.ResolveAsync(own.Address!, TestContext.Current.CancellationToken))!.Elsewhere).ToString());
        Assert.Equal(new("bob", "other.test"), await policy.SenderElsewhereAsync(new("bob", "other.test"), TestContext.Current.CancellationToken));
    }

    [Fact]
    public async Task Mail_for_a_backed_up_domain_is_taken_from_anybody()
    {
        RoutingOptions options = new()
        {
            Domains = ["example.test"],
            RelayDomains = [new("backup.test", new HashSet<string> { "joe@backup.test" }), new("open.test", null), new(".below.test", new HashSet<string> { "@a.below.test" })],
        };
        LocalRecipients policy = Policy(options: options);
        foreach (string good in new[] { "joe@backup.test", "JOE@Backup.test", "x@open.test", "y@a.below.test" })
            Assert.Null((await CheckAsync(good, policy)).Refusal);
        Assert.Equal("550 5.1.1", await RefusalAsync("jane@backup.test", policy));
        Assert.Equal("550 5.1.1", await RefusalAsync("x@b.below.test", policy));
        Assert.Equal("550 5.7.1", await RefusalAsync("x@below.test", policy));
        Assert.Equal("550 5.7.1", await RefusalAsync("x@elsewhere.test", policy));
    }

    [Fact]
    public async Task The_way_of_an_address_is_told()
    {
        Aliases("news: bob, gone, someone@example.org, \"|robot\"\nowner-news: bob\n");
        Personal(".forward", "\\bob, carol@example.org", "bob");
        Allow();
        AddressExplanation explanation = new(new(_directory), Options(), _temp.Store.FolderOf, NullLogger.Instance);
        (ExpansionNode way, _) = (await explanation.ExplainAsync(new("news", "example.test"), TestContext.Current.CancellationToken))!.Value;
        Assert.Equal(
            $"news@example.test(program robot; bob@example.test(file {Path.Combine(_temp.Root, "example.test", "bob", ".forward")}(mailbox bob@example.test; carol@example.org, elsewhere)); "
                + "gone@example.test(nobody has this address); someone@example.org, elsewhere)",
            Flat(way));
        static string Flat(ExpansionNode node) => node.Children.Count == 0 ? node.Text : $"{node.Text}({string.Join("; ", node.Children.Select(Flat))})";
    }

    [Fact]
    public async Task Lists_are_told_to_who_may_ask_but_not_their_programs()
    {
        Aliases("news: bob, someone@example.org, \"|robot\"\nrobot: \"|robot\"\n");
        AddressBook book = new(new(_directory), Options(), NullLogger<AddressBook>.Instance);
        CancellationToken ct = TestContext.Current.CancellationToken;
        Assert.Equal(["bob@example.test", "someone@example.org"], await book.ExpandAsync("news", "", QueueRig.Peer(), ct));
        Assert.Equal("robot@example.test", Assert.Single((await book.VerifyAsync("robot", "example.test", QueueRig.Peer(), ct))!).ToString());
    }

    private string Home => Path.Combine(_temp.Root, "example.test", "alice");

    private void Allow() => _aliases = _aliases with { ForwardAccounts = ["*"], ActionAccounts = ["*"] };

    private void Aliases(string text)
    {
        File.WriteAllText(_folder.File("aliases"), text);
        List<AliasProblem> problems = [];
        AliasTable? table = AliasTable.Load(_folder.File("aliases"), problems);
        Assert.Equal([], problems);
        _aliases = _aliases with { Table = table! };
    }

    private void Personal(string name, string text, string user = "alice")
    {
        string file = Path.Combine(_temp.Root, "example.test", user, name);
        Directory.CreateDirectory(Path.GetDirectoryName(file)!);
        File.WriteAllText(file, text);
        File.SetUnixFileMode(file, UnixFileMode.UserRead | UnixFileMode.UserWrite);
    }

    private RoutingOptions Options() => new() { Domains = ["example.test"], Aliases = _aliases };

    private LocalRecipients Policy(SenderRewriting? rewriting = null, RoutingOptions? options = null)
        => new(new(_directory), options ?? Options(), new MailboxRoom(_temp.Store, OverQuota.Refuse), NullLogger<LocalRecipients>.Instance) { Rewriting = rewriting };

    private async Task<RecipientVerdict> CheckAsync(string text, LocalRecipients? policy = null)
    {
        Assert.True(MailboxAddress.TryParse(text, out MailboxAddress? address));
        SmtpPeer peer = new() { ConnectionId = "c1", Address = IPAddress.Parse("192.0.2.1"), Role = SmtpRole.Relay };
        return await (policy ?? Policy()).CheckRecipientAsync(new(address), new Envelope(new("someone", "example.org")), peer, TestContext.Current.CancellationToken);
    }

    private async Task<string> RefusalAsync(string text, LocalRecipients policy)
    {
        DeliveryStatus refusal = (await CheckAsync(text, policy)).Refusal!;
        return $"{refusal.Code} {refusal.Status}";
    }

    private async Task<MailRoute> RouteAsync(string text)
    {
        RecipientVerdict verdict = await CheckAsync(text);
        Assert.Null(verdict.Refusal);
        return Assert.IsType<MailRoute>(verdict.Route);
    }

    private static string TextOf(MailRoute route)
    {
        List<string> parts = [.. route.Targets.Select(static target => target.Account.ToString())];
        foreach (ForwardedCopy copy in route.Copies)
        {
            if (copy.Owner is { } owner)
                parts.Add($"{owner}:");
            parts.AddRange(copy.Targets.Select(static target => target.Account.ToString()));
            parts.AddRange(copy.Elsewhere.Select(static address => $"> {address}"));
            foreach (LocalAction first in copy.Actions)
            {
                string text = first.Text;
                for (LocalAction? next = first.Next; next is not null; next = next.Next)
                    text += " then " + next.Text;
                parts.Add(text);
            }
        }

        Assert.Empty(route.Elsewhere);
        return string.Join(' ', parts);
    }
}
