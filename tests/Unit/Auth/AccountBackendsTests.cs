using System.Net;
using FullStack.Auth;
using FullStack.Auth.Backends;
using FullStack.Auth.Passwords;
using FullStack.Auth.Sasl;
using FullStack.Harness;
using Microsoft.Extensions.Logging.Abstractions;

namespace FullStack.Unit.Auth;

public sealed class AccountBackendsTests : IAsyncDisposable
{
    private static readonly IPAddress s_home = IPAddress.Parse("192.0.2.1");

    private readonly DirectoryFile _file = new();
    private readonly ManualTimeProvider _time = new();
    private readonly ScriptedBackend _first = new("first");
    private readonly ScriptedBackend _second = new("second");
    private readonly AccountBackends _accounts;
    private Authenticator? _authenticator;

    public AccountBackendsTests()
    {
        _file.Directory.AddDomain("example.test");
        _file.Directory.AddUser("ann@example.test", PasswordHash.Create("secret"));
        _accounts = new(
            _file.Directory,
            [new(_first, new() { Domains = ["example.test", "other.test"] }), new(_second, new() { Concurrency = 2 })],
            _time);
    }

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task The_first_that_has_an_address_counts_and_others_are_not_asked()
    {
        _first.Users["bob@example.test"] = new("bob@example.test") { Home = "/home/bob" };
        _second.Users["bob@example.test"] = new("bob@example.test");
        Assert.Equal("/home/bob", (await _accounts.FindUserAsync("Bob@EXAMPLE.test", Token))?.Home);
        Assert.NotNull(await _accounts.FindUserAsync("ann@example.test", Token));
        Assert.Equal((1, 0), (_first.Questions, _second.Questions));
    }

    [Fact]
    public async Task A_backend_is_asked_for_its_domains_only_and_those_are_ours()
    {
        Assert.Null(await _accounts.FindUserAsync("joe@elsewhere.test", Token));
        Assert.Equal((0, 1), (_first.Questions, _second.Questions));
        Assert.True(await _accounts.HasDomainAsync("Other.Test", Token));
        Assert.False(await _accounts.HasDomainAsync("elsewhere.test", Token));
        Assert.Equal(["example.test", "other.test"], _accounts.ListDomains());
    }

    [Fact]
    public async Task Answers_are_remembered_for_a_while_and_refusals_for_less()
    {
        _second.Users["bob@third.test"] = new("bob@third.test");
        await AskTwiceAsync("bob@third.test");
        await AskTwiceAsync("nobody@third.test");
        Assert.Equal(2, _second.Questions);

        _time.Advance(TimeSpan.FromSeconds(6));
        await AskTwiceAsync("bob@third.test");
        Assert.Equal(2, _second.Questions);
        await AskTwiceAsync("nobody@third.test");
        Assert.Equal(3, _second.Questions);
        _time.Advance(TimeSpan.FromSeconds(25));
        await AskTwiceAsync("bob@third.test");
        Assert.Equal(4, _second.Questions);

        async Task AskTwiceAsync(string address)
        {
            await _accounts.FindUserAsync(address, Token);
            await _accounts.FindUserAsync(address, Token);
        }
    }

    [Fact]
    public async Task Nobody_behind_a_backend_that_is_down_is_asked()
    {
        _first.IsDown = true;
        _second.Users["bob@example.test"] = new("bob@example.test");
        await Assert.ThrowsAsync<DirectoryUnavailableException>(async () => await _accounts.FindUserAsync("bob@example.test", Token));
        Assert.NotNull(await _accounts.FindUserAsync("ann@example.test", Token)); // who is found before is served
        Assert.Equal(0, _second.Questions);
        Assert.Equal(LoginOutcome.Unavailable, (await LoginAsync("bob@example.test", "x")).Outcome);
    }

    [Fact]
    public async Task One_that_hangs_ends_at_its_time_and_is_let_alone_then()
    {
        _second.Hang();
        Task<DirectoryUser?>[] asked = [.. Enumerable.Range(0, 5).Select(i => _accounts.FindUserAsync($"user{i}@slow.test", Token).AsTask())];
        Assert.Equal(2, _second.Waiting); // no more at once than it may be asked
        Assert.NotNull(await _accounts.FindUserAsync("ann@example.test", Token)); // others do not wait
        _time.Advance(TimeSpan.FromSeconds(10));
        foreach (Task<DirectoryUser?> one in asked)
            await Assert.ThrowsAsync<DirectoryUnavailableException>(() => one);
        await Assert.ThrowsAsync<DirectoryUnavailableException>(async () => await _accounts.FindUserAsync("joe@slow.test", Token));
        Assert.Equal(2, _second.Questions); // those that hang keep their places

        _second.GoOn();
        _time.Advance(GuardedBackend.Rest);
        Assert.Null(await _accounts.FindUserAsync("joe@slow.test", Token));
    }

    [Fact]
    public async Task A_backend_checks_passwords_itself_and_each_time()
    {
        _first.Add("bob@example.test", "right");
        Assert.Equal(new(LoginOutcome.Accepted, "bob@example.test"), await LoginAsync("bob@example.test", "right"));
        int questions = _first.Questions;
        await LoginAsync("bob@example.test", "right");
        Assert.Equal(questions + 2, _first.Questions); // the credential and the check; the account is remembered
        _first.Add("bob@example.test", "new");
        Assert.Equal(LoginOutcome.Refused, (await LoginAsync("bob@example.test", "right")).Outcome);
        Assert.Equal(LoginOutcome.Accepted, (await LoginAsync("bob@example.test", "new")).Outcome);
    }

    [Fact]
    public async Task A_right_password_is_remembered_until_the_stamp_is_another()
    {
        _first.Add("bob@example.test", "right");
        _first.Stamp = "1";
        await LoginAsync("bob@example.test", "right");
        int questions = _first.Questions;
        Assert.Equal(LoginOutcome.Accepted, (await LoginAsync("bob@example.test", "right")).Outcome);
        Assert.Equal(questions + 1, _first.Questions); // the credential, to see the stamp
        _first.Add("bob@example.test", "new");
        _first.Stamp = "2";
        Assert.Equal(LoginOutcome.Refused, (await LoginAsync("bob@example.test", "right")).Outcome);
    }

    [Fact]
    public async Task Stored_forms_are_checked_here_and_a_change_counts_at_once()
    {
        _first.Users["bob@example.test"] = new("bob@example.test");
        _first.Secrets["bob@example.test"] = "{PLAIN}old";
        Assert.Equal(LoginOutcome.Accepted, (await LoginAsync("bob@example.test", "old")).Outcome);
        _first.Secrets["bob@example.test"] = "{PLAIN}new";
        Assert.Equal(LoginOutcome.Refused, (await LoginAsync("bob@example.test", "old")).Outcome);
        Assert.Equal(LoginOutcome.Accepted, (await LoginAsync("bob@example.test", "new")).Outcome);
    }

    [Fact]
    public async Task A_failure_while_the_password_is_checked_is_no_wrong_password()
    {
        _first.Add("bob@example.test", "right");
        Assert.Equal(LoginOutcome.Accepted, (await LoginAsync("bob@example.test", "right")).Outcome);
        _first.FailsChecks = true;
        Assert.Equal(LoginOutcome.Unavailable, (await LoginAsync("bob@example.test", "right")).Outcome);
    }

    [Fact]
    public async Task What_counts_no_more_is_told_to_who_knows_it()
    {
        _first.Add("bob@example.test", "right");
        _first.RightAnswer = PasswordAnswer.Expired;
        _first.Stamp = "1";
        Assert.Equal(LoginOutcome.Expired, (await LoginAsync("bob@example.test", "right")).Outcome);
        Assert.Equal(LoginOutcome.Refused, (await LoginAsync("bob@example.test", "wrong")).Outcome);
        Assert.Equal(LoginOutcome.Expired, (await LoginAsync("bob@example.test", "right")).Outcome);
    }

    [Fact]
    public async Task Who_is_kept_out_is_told_so_by_a_right_password_only()
    {
        _first.Add("bob@example.test", "right");
        _first.Users["bob@example.test"] = new("bob@example.test") { Login = LoginRules.None with { Services = LoginService.None } };
        Assert.Equal(LoginOutcome.KeptOut, (await LoginAsync("bob@example.test", "right")).Outcome);
        Assert.Equal(LoginOutcome.Refused, (await LoginAsync("bob@example.test", "wrong")).Outcome);
    }

    [Fact]
    public async Task From_a_wrong_network_a_right_password_fails_as_a_wrong_one_does()
    {
        _first.Add("bob@example.test", "right");
        _first.Users["bob@example.test"] = new("bob@example.test") { Login = LoginRules.None with { Networks = LoginRules.ReadNetworks("203.0.113.0/24") } };
        for (int i = 0; i < 3; i++)
            Assert.Equal(LoginOutcome.Refused, (await LoginAsync("bob@example.test", "right")).Outcome);
        Assert.Equal(3, Assert.Single(_authenticator!.ListFailures(10).Networks).Failures);
    }

    [Fact]
    public async Task Quotas_come_from_the_account_and_its_domain()
    {
        _file.Directory.SetDomainQuota("example.test", new(1000, null));
        _first.Users["bob@example.test"] = new("bob@example.test", new(10, 5));
        DirectoryQuotas quotas = await _accounts.FindQuotasAsync("bob@example.test", Token);
        Assert.Equal((10, 5, 1000), (quotas.User.Octets, quotas.User.Messages, quotas.Domain.Octets));
    }

    [Fact]
    public async Task A_mechanism_that_needs_more_is_not_announced()
    {
        Authenticator authenticator = NewAuthenticator();
        Assert.DoesNotContain("SCRAM-SHA-256", authenticator.MechanismsFor(new(s_home, IsEncrypted: true)));
        _accounts.Replace([]);
        await _accounts.DisposeAsync();
        Assert.True(_first.IsDisposed && _second.IsDisposed);
        Assert.Contains("SCRAM-SHA-256", NewAuthenticator().MechanismsFor(new(s_home, IsEncrypted: true)));
    }

    [Theory]
    [InlineData("sales@example.test", true)]
    [InlineData("Sales@EXAMPLE.test", true)]
    [InlineData("any@lists.test", true)]
    [InlineData("other@example.test", false)]
    [InlineData("not an address", false)]
    public void A_record_says_as_whom_it_may_send(string address, bool expected)
        => Assert.Equal(expected, new DirectoryUser("bob@example.test") { SendAs = ["sales@example.test", "@lists.test"] }.MaySendAs(address));

    public async ValueTask DisposeAsync()
    {
        await _accounts.DisposeAsync();
        _file.Dispose();
    }

    private Authenticator NewAuthenticator()
        => new(_accounts, new AuthOptions { FailureDelay = TimeSpan.Zero, MaxFailureDelay = TimeSpan.Zero }, _time, NullLogger<Authenticator>.Instance);

    private Task<LoginResult> LoginAsync(string identity, string password)
    {
        _authenticator ??= NewAuthenticator();
        return _authenticator.LoginAsync(identity, password, new(s_home, IsEncrypted: true), Token).AsTask();
    }
}
