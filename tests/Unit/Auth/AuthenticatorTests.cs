using System.Diagnostics;
using System.Net;
using FullStack.Auth;
using FullStack.Auth.Backends;
using FullStack.Auth.Passwords;
using FullStack.Auth.Throttling;
using FullStack.Harness;
using FullStack.Harness.Servers;
using Microsoft.Extensions.Logging.Abstractions;

namespace FullStack.Unit.Auth;

public sealed class AuthenticatorTests : IDisposable
{
    private static readonly IPAddress s_home = IPAddress.Parse("192.0.2.1");
    private static readonly IPAddress s_away = IPAddress.Parse("198.51.100.7");

    private readonly DirectoryFile _file = new();
    private readonly ManualTimeProvider _time = new();
    private readonly Authenticator _authenticator;

    public AuthenticatorTests()
    {
        _file.Directory.AddDomain("example.test");
        _file.Directory.AddUser("ann@example.test", PasswordHash.Create("secret"));
        _authenticator = _file.NewAuthenticator(new AuthOptions { DefaultDomain = "example.test" }, _time);
    }

    public void Dispose() => _file.Dispose();

    [Theory]
    [InlineData("ann@example.test")]
    [InlineData("ANN@Example.Test")]
    [InlineData("ann")]
    [InlineData("Ann")]
    public async Task Right_password_is_accepted(string identity)
        => Assert.Equal(new(LoginOutcome.Accepted, "ann@example.test"), await FinishAsync(Login(identity, "secret"), TimeSpan.Zero));

    [Theory]
    [InlineData("ann", "wrong")]
    [InlineData("ann", "")]
    [InlineData("ann", "secret\0")]
    [InlineData("bob", "secret")]
    [InlineData("", "secret")]
    [InlineData("@example.test", "secret")]
    [InlineData("ann@example.test@example.test", "secret")]
    [InlineData("ann@other.test", "secret")]
    public async Task Anything_else_is_refused_after_the_delay(string identity, string password)
        => Assert.Equal(new(LoginOutcome.Refused, null), await FinishAsync(Login(identity, password), TimeSpan.FromSeconds(1)));

    [Fact]
    public async Task Endless_names_and_passwords_are_refused_like_others()
    {
        Assert.Equal(LoginOutcome.Refused, (await FinishAsync(Login(new string('a', 5000), "x"), TimeSpan.FromSeconds(1))).Outcome);
        Assert.Equal(LoginOutcome.Refused, (await FinishAsync(Login("ann", new string('a', 5000)), TimeSpan.FromSeconds(2))).Outcome);
    }

    [Fact]
    public async Task Delay_doubles_up_to_its_limit_and_is_forgotten()
    {
        foreach (int seconds in new[] { 1, 2, 4, 8, 15, 15 })
            await FinishAsync(Login("ann", "wrong"), TimeSpan.FromSeconds(seconds));
        _time.Advance(FailureTable.ForgetAfter);
        await FinishAsync(Login("ann", "wrong"), TimeSpan.FromSeconds(1));
    }

    [Fact]
    public async Task Failures_of_a_network_delay_its_other_accounts_too()
    {
        await FinishAsync(Login("bob", "wrong"), TimeSpan.FromSeconds(1));
        await FinishAsync(Login("cy", "wrong"), TimeSpan.FromSeconds(2));
        await FinishAsync(Login("dan", "wrong", s_away), TimeSpan.FromSeconds(1));
    }

    [Fact]
    public async Task Failures_of_an_account_delay_it_for_other_networks_too()
    {
        await FinishAsync(Login("ann", "wrong"), TimeSpan.FromSeconds(1));
        await FinishAsync(Login("ann", "wrong", s_away), TimeSpan.FromSeconds(2));
        await FinishAsync(Login("ann", "wrong", IPAddress.Parse("2001:db8::1")), TimeSpan.FromSeconds(4));
    }

    [Fact]
    public async Task Success_clears_the_account_but_not_the_network()
    {
        await FinishAsync(Login("ann", "wrong"), TimeSpan.FromSeconds(1));
        Assert.Equal(LoginOutcome.Accepted, (await FinishAsync(Login("ann", "secret"), TimeSpan.Zero)).Outcome);
        await FinishAsync(Login("ann", "wrong", s_away), TimeSpan.FromSeconds(1));
        await FinishAsync(Login("bob", "wrong"), TimeSpan.FromSeconds(2));
    }

    [Fact]
    public async Task Owner_waits_for_a_guessing_crowd_no_longer_than_the_longest_delay()
    {
        for (int i = 0; i < 20; i++)
        {
            Task<LoginResult> guess = Login("ann", "wrong", new IPAddress([10, 0, 0, (byte)i]));
            await FinishAsync(guess, null);
        }

        Task<LoginResult> crowd = Login("ann", "wrong", IPAddress.Parse("10.0.1.1"));
        Task<LoginResult> owner = Login("ann", "secret");
        Assert.Equal(LoginOutcome.Accepted, (await FinishAsync(owner, null)).Outcome);
        Assert.InRange(_time.GetUtcNow() - _lastStart, TimeSpan.Zero, TimeSpan.FromSeconds(15));
        await FinishAsync(crowd, null);
    }

    [Fact]
    public async Task Guesses_at_once_get_no_more_answers_than_guesses_one_by_one()
    {
        await FinishAsync(Login("ann", "wrong"), TimeSpan.FromSeconds(1));
        Task<LoginResult>[] guesses = [.. Enumerable.Range(0, 30).Select(i => Login($"u{i}", "wrong"))];
        LoginResult[] results = await FinishAsync(Task.WhenAll(guesses), null);

        // 2, 4, 8 and 15 seconds lie between them: in the 15 s that each may wait, four get their turn.
        Assert.InRange(results.Count(static r => r.Outcome == LoginOutcome.Refused), 3, 5);
        Assert.All(results, static r => Assert.NotEqual(LoginOutcome.Accepted, r.Outcome));
        Assert.Contains(results, static r => r.Outcome == LoginOutcome.Unavailable);
    }

    [Fact]
    public async Task First_guesses_at_once_are_bounded_by_the_cores()
    {
        Task<LoginResult>[] guesses = [.. Enumerable.Range(0, 60).Select(i => Login($"u{i}", "wrong"))];
        LoginResult[] results = await FinishAsync(Task.WhenAll(guesses), null);
        Assert.InRange(results.Count(static r => r.Outcome == LoginOutcome.Refused), 1, Environment.ProcessorCount + 5);
    }

    /// <summary>Checked in full each time, the owner's too. What is allowed is a check for each delay that passes, and at first as many at once as there are cores.</summary>
    [Fact]
    public async Task Ten_thousand_tries_are_held_to_the_rate_and_the_owner_elsewhere_waits_for_nothing()
    {
        Authenticator strict = _authenticator.With(new AuthOptions { DefaultDomain = "example.test", PasswordCache = TimeSpan.Zero });
        DateTimeOffset start = _time.GetUtcNow();
        Task<LoginOutcome[][]> crowd = Task.WhenAll(Enumerable.Range(0, 1000).Select(guesser => GuessAsync(strict, guesser, tries: 10)));
        int owners = 0;
        for (; !crowd.IsCompleted; owners++)
        {
            Task<LoginResult> owner = LoginTo(strict, "ann", "secret", s_away); // which ends although the clock stands
            Assert.Equal(LoginOutcome.Accepted, (await owner.WaitAsync(TimeSpan.FromMinutes(2), TestContext.Current.CancellationToken)).Outcome);
            _time.Advance(TimeSpan.FromSeconds(1));
        }

        LoginOutcome[] outcomes = [.. (await crowd).SelectMany(static tries => tries)];
        Assert.Equal(10_000, outcomes.Length);
        Assert.DoesNotContain(LoginOutcome.Accepted, outcomes);
        int refused = outcomes.Count(static outcome => outcome == LoginOutcome.Refused);
        Assert.Equal(refused, strict.PasswordChecks - owners);
        Assert.InRange(refused, 5, Environment.ProcessorCount + 5 + ((_time.GetUtcNow() - start).TotalSeconds / 15));
    }

    private static async Task<LoginOutcome[]> GuessAsync(Authenticator authenticator, int guesser, int tries)
    {
        List<LoginOutcome> outcomes = [];
        for (int i = 0; i < tries; i++)
            outcomes.Add((await authenticator.LoginAsync("ann", $"guess {guesser} {i}", new(s_home, IsEncrypted: true), TestContext.Current.CancellationToken)).Outcome);
        return [.. outcomes];
    }

    [Fact]
    public async Task Many_right_logins_at_once_wait_for_nothing()
    {
        Task<LoginResult>[] logins = [.. Enumerable.Range(0, 20).Select(_ => Login("ann", "secret"))];
        Assert.All(await FinishAsync(Task.WhenAll(logins), TimeSpan.Zero), static r => Assert.Equal(LoginOutcome.Accepted, r.Outcome));
    }

    [Fact]
    public async Task A_changed_password_counts_at_once()
    {
        await FinishAsync(Login("ann", "secret"), TimeSpan.Zero);
        using (AccountDirectory other = new(_file.Path))
            other.SetSecret("ann@example.test", PasswordHash.Create("new secret"));
        Assert.Equal(LoginOutcome.Refused, (await FinishAsync(Login("ann", "secret"), TimeSpan.FromSeconds(1))).Outcome);
        Assert.Equal(LoginOutcome.Accepted, (await FinishAsync(Login("ann", "new secret"), TimeSpan.Zero)).Outcome);
        _file.Directory.RemoveUser("ann@example.test");
        Assert.Equal(LoginOutcome.Refused, (await FinishAsync(Login("ann", "new secret"), null)).Outcome);
    }

    [Fact]
    public async Task An_unusable_directory_is_unavailable()
    {
        _file.Directory.Dispose();
        string path = _file.Path;
        foreach (string file in new[] { path + "-wal", path + "-shm" })
            File.Delete(file);
        using AccountDirectory directory = new(path + "-2");
        directory.AddDomain("example.test");
        Authenticator authenticator = new(new AccountBackends(directory), new AuthOptions(), _time, NullLogger<Authenticator>.Instance);
        using Microsoft.Data.Sqlite.SqliteConnection wrecker = new($"Data Source={path}-2;Pooling=false");
        wrecker.Open();
        using Microsoft.Data.Sqlite.SqliteCommand drop = wrecker.CreateCommand();
        drop.CommandText = "DROP TABLE user";
        drop.ExecuteNonQuery();
        LoginResult result = await authenticator.LoginAsync("ann@example.test", "secret", new(s_home, IsEncrypted: true), TestContext.Current.CancellationToken);
        Assert.Equal(LoginOutcome.Unavailable, result.Outcome);
    }

    [Fact]
    public async Task Unknown_users_cost_a_key_derivation()
    {
        // Not a time measured against a time: the dummy is a verifier of the same cost as new ones.
        Assert.Equal(PasswordHash.Create("x").Split(',')[0], PasswordHash.Dummy.Split(',')[0]);
        Assert.Equal(LoginOutcome.Refused, (await FinishAsync(Login("nobody", "x"), TimeSpan.FromSeconds(1))).Outcome);
    }

    [Fact]
    public async Task Other_options_forget_no_failure()
    {
        await FinishAsync(Login("ann", "wrong"), TimeSpan.FromSeconds(1));
        await FinishAsync(Login("ann", "wrong"), TimeSpan.FromSeconds(2));
        Authenticator reloaded = _authenticator.With(new AuthOptions { DefaultDomain = "example.test", MaxFailureDelay = TimeSpan.FromSeconds(3) });
        await FinishAsync(LoginTo(reloaded, "ann", "wrong"), TimeSpan.FromSeconds(3));
        await FinishAsync(Login("ann", "wrong"), TimeSpan.FromSeconds(8)); // sessions that began before see the new failures too
    }

    [Theory]
    [InlineData("{PLAIN}secret")]
    [InlineData("{SHA256}K7gNU3sdo+OL0wNhqoVWhr3g6s1xYv72ol/pe/Unols=")]
    [InlineData("$6$rounds=1000$saltsalt$LAV5VE5Y7w1d73x1mFNspYWUpazfmwv2SoepNXNKJ/otop/Zok96Hr8Q13LEv0DRY/x8v0/crpIjl8NJSAqXV/")]
    public async Task First_right_login_makes_an_imported_password_our_own(string imported)
    {
        _file.Directory.AddUser("bob@example.test", imported);
        await FinishAsync(Login("bob", "wrong"), TimeSpan.FromSeconds(1));
        Assert.Equal(imported, _file.Directory.FindSecret("bob@example.test"));
        LoginResult first = await FinishAsync(Login("bob", "secret"), null);
        Assert.Equal(LoginOutcome.Accepted, first.Outcome);
        string stored = _file.Directory.FindSecret("bob@example.test")!;
        Assert.StartsWith("{SCRAM-SHA-256}", stored, StringComparison.Ordinal);
        Assert.True(PasswordHash.Verify(stored, "secret"));
        Assert.Equal(LoginOutcome.Accepted, (await FinishAsync(Login("bob", "secret", s_away), null)).Outcome);
    }

    [Fact]
    public async Task Imported_passwords_stay_where_the_administrator_wants_it_and_our_own_do_anyway()
    {
        _file.Directory.AddUser("bob@example.test", "{PLAIN}secret");
        string own = _file.Directory.FindSecret("ann@example.test")!;
        Authenticator keeping = _authenticator.With(new AuthOptions { DefaultDomain = "example.test", UpgradeHashes = false });
        Assert.Equal(LoginOutcome.Accepted, (await FinishAsync(LoginTo(keeping, "bob", "secret"), TimeSpan.Zero)).Outcome);
        Assert.Equal("{PLAIN}secret", _file.Directory.FindSecret("bob@example.test"));
        await FinishAsync(Login("ann", "secret"), TimeSpan.Zero);
        Assert.Equal(own, _file.Directory.FindSecret("ann@example.test"));
    }

    [Fact]
    public void A_password_changed_while_its_owner_logs_in_stays_changed()
    {
        _file.Directory.AddUser("bob@example.test", "{PLAIN}secret");
        HashUpgrade upgrade = new(_file.Directory, new AuthTrouble(NullLogger.Instance, _time), NullLogger.Instance);
        _file.Directory.SetSecret("bob@example.test", "{PLAIN}changed"); // after the login had read and checked the old one
        Assert.Equal("{PLAIN}secret", upgrade.Apply("bob@example.test", "{PLAIN}secret", "secret"));
        Assert.Equal("{PLAIN}changed", _file.Directory.FindSecret("bob@example.test"));
        _file.Directory.RemoveUser("bob@example.test");
        upgrade.Apply("bob@example.test", "{PLAIN}changed", "changed");
        Assert.Null(_file.Directory.FindUser("bob@example.test"));
    }

    [Fact]
    public void An_upgrade_that_cannot_be_written_refuses_nobody()
    {
        _file.Directory.AddUser("bob@example.test", "{PLAIN}secret");
        CapturedLog log = new();
        HashUpgrade upgrade = new(_file.Directory, new AuthTrouble(log.CreateLogger("auth"), _time), NullLogger.Instance);
        using (Microsoft.Data.Sqlite.SqliteConnection wrecker = new($"Data Source={_file.Path};Pooling=false"))
        {
            wrecker.Open();
            using Microsoft.Data.Sqlite.SqliteCommand trigger = wrecker.CreateCommand();
            trigger.CommandText = "CREATE TRIGGER no BEFORE UPDATE ON user BEGIN SELECT RAISE(ABORT, 'disk full'); END";
            trigger.ExecuteNonQuery();
        }

        Assert.Equal("{PLAIN}secret", upgrade.Apply("bob@example.test", "{PLAIN}secret", "secret"));
        Assert.Equal(6004, Assert.Single(log.Alarms).Event.Id);
        Assert.Equal("{PLAIN}secret", _file.Directory.FindSecret("bob@example.test"));
    }

    [Theory]
    [InlineData(PlaintextPolicy.Never, false, "127.0.0.1", false)]
    [InlineData(PlaintextPolicy.Never, true, "192.0.2.1", true)]
    [InlineData(PlaintextPolicy.Loopback, false, "127.0.0.1", true)]
    [InlineData(PlaintextPolicy.Loopback, false, "::1", true)]
    [InlineData(PlaintextPolicy.Loopback, false, "::ffff:127.0.0.1", true)]
    [InlineData(PlaintextPolicy.Loopback, false, "192.0.2.1", false)]
    [InlineData(PlaintextPolicy.Loopback, true, "192.0.2.1", true)]
    [InlineData(PlaintextPolicy.Always, false, "192.0.2.1", true)]
    public void Policy_says_where_passwords_may_go_in_the_clear(PlaintextPolicy policy, bool encrypted, string peer, bool allowed)
    {
        Authenticator authenticator = _file.NewAuthenticator(new AuthOptions { PlaintextWithoutTls = policy }, _time);
        Assert.Equal(allowed, authenticator.IsPasswordAllowed(new(IPAddress.Parse(peer), encrypted)));
    }

    private DateTimeOffset _lastStart;
    private int _guesses;

    private Task<LoginResult> Login(string identity, string password, IPAddress? peer = null)
        => LoginTo(_authenticator, identity, password, peer);

    private Task<LoginResult> LoginTo(Authenticator authenticator, string identity, string password, IPAddress? peer = null)
    {
        _lastStart = _time.GetUtcNow();
        string sent = password == "wrong" ? $"wrong{++_guesses}" : password; // the same one again would be a program, and no guesser
        return authenticator.LoginAsync(identity, sent, new(peer ?? s_home, IsEncrypted: true), TestContext.Current.CancellationToken).AsTask();
    }

    /// <summary>Moves the clock in steps while nothing but the clock is waited for, until the task is done, and checks how long that took on it.</summary>
    private async Task<T> FinishAsync<T>(Task<T> task, TimeSpan? expected)
    {
        DateTimeOffset start = _time.GetUtcNow();
        Stopwatch limit = Stopwatch.StartNew();
        for (int quiet = 0; !task.IsCompleted; quiet++)
        {
            Assert.True(limit.Elapsed < TimeSpan.FromSeconds(30), "the login does not end");
            await Task.WhenAny(task, Task.Delay(1, TestContext.Current.CancellationToken));
            if (_authenticator.IsChecking)
                quiet = 0;
            if (quiet >= 3 && _time.ArmedTimers > 0)
                _time.Advance(TimeSpan.FromSeconds(0.25));
        }

        if (expected is { } delay)
            Assert.InRange(_time.GetUtcNow() - start, delay, delay + TimeSpan.FromSeconds(0.5));
        return await task;
    }
}
