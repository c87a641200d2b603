using System.Net;
using FullStack.Auth;
using FullStack.Auth.Passwords;
using FullStack.Auth.Sasl;
using FullStack.Auth.Throttling;
using FullStack.Harness;

namespace FullStack.Unit.Auth;

/// <summary>Guessers are slowed down, and people are not.</summary>
public sealed class LoginThrottleTests : IDisposable
{
    private static readonly IPAddress s_guesser = IPAddress.Parse("192.0.2.66");
    private static readonly IPAddress s_away = IPAddress.Parse("198.51.100.7");

    private readonly DirectoryFile _file = new();
    private readonly ManualTimeProvider _time = new();
    private readonly LoginThrottle _throttle;

    public LoginThrottleTests() => _throttle = new(new AuthOptions(), _time);

    public void Dispose() => _file.Dispose();

    [Fact]
    public void Ten_thousand_guesses_are_held_to_the_rate_and_the_owner_elsewhere_waits_for_nothing()
    {
        DateTimeOffset start = _time.GetUtcNow();
        TimeSpan spent = TimeSpan.Zero;
        for (int i = 0; i < 10_000; i++)
        {
            LoginAttempt guess = _throttle.Begin("ann@example.test", s_guesser);
            Assert.Equal(i == 0, _throttle.IsFree(guess));
            spent += _throttle.Fail(guess, "stored", $"guess {i}");
            _time.Advance(TimeSpan.FromSeconds(15)); // the turn of the next one comes after this
            LoginAttempt owner = _throttle.Begin("ann@example.test", s_away);
            Assert.True(_throttle.IsFree(owner));
            Assert.True(_throttle.WaitForAccountAsync(owner, CancellationToken.None).IsCompletedSuccessfully);
        }

        Assert.InRange(spent.TotalSeconds, 9_990 * 15, 10_000 * 15);
        Assert.Equal(TimeSpan.FromSeconds(15) * 10_000, _time.GetUtcNow() - start);
    }

    [Fact]
    public void The_same_wrong_password_again_counts_no_more()
    {
        LoginAttempt attempt = _throttle.Begin("ann@example.test", s_guesser);
        Assert.Null(_throttle.DelayOfStale(attempt, "stored", "old"));
        _throttle.Fail(attempt, "stored", "old");
        for (int i = 0; i < 100; i++)
        {
            Assert.Equal(TimeSpan.FromSeconds(1), _throttle.DelayOfStale(attempt, "stored", "old"));
            Assert.Equal(TimeSpan.FromSeconds(1), _throttle.Fail(attempt, "stored", "old"));
        }

        Assert.Equal(TimeSpan.FromSeconds(2), _throttle.Fail(attempt, "stored", "another"));
        Assert.Null(_throttle.DelayOfStale(attempt, "stored anew", "old")); // it may be right by now
        Assert.Null(_throttle.DelayOfStale(_throttle.Begin("bob@example.test", s_guesser), "stored", "old"));
        _time.Advance(WrongPasswords.Lifetime + TimeSpan.FromSeconds(1));
        Assert.Null(_throttle.DelayOfStale(attempt, "stored", "old"));
    }

    [Fact]
    public void An_account_with_a_session_in_a_network_does_not_wait_for_others_in_it()
    {
        LoginAttempt ann = _throttle.Begin("ann@example.test", s_guesser), bob = _throttle.Begin("bob@example.test", s_guesser);
        IDisposable first = _throttle.Known.BeginSession(ann.Account, ann.Network), second = _throttle.Known.BeginSession(ann.Account, ann.Network);
        _throttle.Fail(bob);
        Assert.True(_throttle.IsFree(ann));
        Assert.False(_throttle.IsFree(bob));
        first.Dispose();
        first.Dispose();
        Assert.True(_throttle.IsFree(ann));
        second.Dispose();
        Assert.False(_throttle.IsFree(ann));
    }

    [Fact]
    public void A_crowd_makes_an_account_wait_but_for_where_it_is_logged_in()
    {
        for (int i = 0; i <= LoginThrottle.FreeNetworks; i++)
            _throttle.Fail(_throttle.Begin("ann@example.test", new IPAddress([10, 0, 0, (byte)i])));
        LoginAttempt owner = _throttle.Begin("ann@example.test", s_away);
        Assert.False(_throttle.WaitForAccountAsync(owner, CancellationToken.None).IsCompleted);
        using (_throttle.Known.BeginSession(owner.Account, owner.Network))
            Assert.True(_throttle.WaitForAccountAsync(owner, CancellationToken.None).IsCompleted);
    }

    [Fact]
    public void What_is_held_back_is_listed_and_lifted()
    {
        _throttle.Fail(_throttle.Begin("ann@example.test", s_guesser));
        _throttle.Fail(_throttle.Begin("bob@example.test", IPAddress.Parse("2001:db8:1:2:3::9")));
        (IReadOnlyList<FailureCount> networks, IReadOnlyList<FailureCount> accounts) = _throttle.List(10);
        Assert.Equal([new("2001:db8:1:2::/64", 1, TimeSpan.FromSeconds(1)), new("192.0.2.66", 1, TimeSpan.FromSeconds(1))], networks);
        Assert.Equal(["bob@example.test", "ann@example.test"], accounts.Select(static one => one.Subject));
        Assert.Single(_throttle.List(1).Networks);
        Assert.True(_throttle.LiftNetwork(s_guesser));
        Assert.False(_throttle.LiftNetwork(s_guesser));
        Assert.True(_throttle.LiftAccount("bob@example.test"));
        Assert.True(_throttle.IsFree(_throttle.Begin("ann@example.test", s_guesser)));
        Assert.Equal("ann@example.test", Assert.Single(_throttle.List(10).Accounts).Subject);
    }

    [Fact]
    public void Who_has_read_mail_is_known_by_the_exact_address_for_a_while()
    {
        KnownNetworks known = new(_time, capacity: 2);
        known.NoteRead(IPAddress.Parse("2001:db8::1"));
        known.NoteRead(IPAddress.Loopback);
        Assert.True(known.HasRead(IPAddress.Parse("2001:db8::1"), TimeSpan.FromMinutes(5)));
        Assert.False(known.HasRead(IPAddress.Parse("2001:db8::2"), TimeSpan.FromMinutes(5)));
        Assert.False(known.HasRead(IPAddress.Loopback, TimeSpan.FromMinutes(5)));
        _time.Advance(TimeSpan.FromMinutes(6));
        Assert.False(known.HasRead(IPAddress.Parse("2001:db8::1"), TimeSpan.FromMinutes(5)));
        foreach (string address in (string[])["192.0.2.1", "::ffff:192.0.2.2", "192.0.2.3"])
            known.NoteRead(IPAddress.Parse(address));
        Assert.False(known.HasRead(IPAddress.Parse("192.0.2.1"), TimeSpan.FromMinutes(5))); // the oldest went
        Assert.True(known.HasRead(IPAddress.Parse("192.0.2.2"), TimeSpan.FromMinutes(5)));
    }

    /// <summary>Counted, not timed: which of the two it was must not show in what it costs.</summary>
    [Theory]
    [InlineData("nobody@example.test")]
    [InlineData("ann@example.test")]
    [InlineData("codes@example.test")]
    [InlineData("no address")]
    public async Task Each_refusal_costs_one_key_derivation(string identity)
    {
        _file.Directory.AddDomain("example.test");
        foreach (string account in (string[])["ann@example.test", "codes@example.test"])
            _file.Directory.AddUser(account, PasswordHash.Create("secret"));
        _file.Directory.Factors.RequireCode("codes@example.test", FullStack.Auth.Factors.TimeCode.NewSecret());
        AuthOptions options = new() { FailureDelay = TimeSpan.Zero, MaxFailureDelay = TimeSpan.Zero };
        Authenticator authenticator = _file.NewAuthenticator(options, _time);
        long before = authenticator.PasswordChecks;
        LoginResult result = await authenticator.LoginAsync(identity, "wrong", new SaslConnection(s_away, IsEncrypted: true), TestContext.Current.CancellationToken);
        Assert.Equal(LoginOutcome.Refused, result.Outcome);
        Assert.Equal(1, authenticator.PasswordChecks - before);
    }
}
