using System.Net;
using System.Text;
using FullStack.Auth;
using FullStack.Auth.Passwords;
using FullStack.Auth.Sasl;
using FullStack.Harness;

namespace FullStack.Unit.Auth;

/// <summary>SCRAM against the RFCs' examples, and what must not tell a known account from an unknown one.</summary>
public sealed class ScramExchangeTests : IDisposable
{
    private static readonly SaslConnection s_clear = new(IPAddress.Loopback, IsEncrypted: false);
    private static readonly SaslConnection s_tls = new(IPAddress.Loopback, IsEncrypted: true) { FindBinding = static name => name is "tls-server-end-point" or "tls-exporter" ? new byte[] { 1, 2, 3 } : default };

    private readonly DirectoryFile _file = new();

    public ScramExchangeTests() => _file.Directory.AddDomain("example.test");

    public void Dispose() => _file.Dispose();

    [Theory]
    [InlineData( // RFC 5802 §5
        "SCRAM-SHA-1", "QSXCR+Q6sek8bf92", "n,,n=user,r=fyko+d2lbbFgONRv9qkxdawL", "3rfcNHYJY1ZVvWVs7j",
        "c=biws,r=fyko+d2lbbFgONRv9qkxdawL3rfcNHYJY1ZVvWVs7j,p=v0X8v3Bz2T0CJGbJQyF0X+HI4Ts=", "v=rmF9pqV8S7suAoZWja4dJRkFsKQ=")]
    [InlineData( // RFC 7677 §3
        "SCRAM-SHA-256", "W22ZaJ0SNY7soEsUEjb6gQ==", "n,,n=user,r=rOprNGfwEbeRWgbNEkqO", "%hvYDpWUa2RaTCAfuxFIlj)hNlF$k0",
        "c=biws,r=rOprNGfwEbeRWgbNEkqO%hvYDpWUa2RaTCAfuxFIlj)hNlF$k0,p=dHzbZapWIk4jUhN+Ute9ytag9zjfMHgsqmmiz7AndVQ=",
        "v=6rriTRBi23WpRR/wtup+mMhUZUn/dB5nLTJRsjl95G4=")]
    public async Task Examples_of_the_rfcs_hold(string mechanism, string salt, string clientFirst, string serverNonce, string clientFinal, string serverFinal)
    {
        Assert.True(ScramHash.TryFind(mechanism, out ScramHash? hash));
        _file.Directory.AddUser("user@example.test", $"{{{mechanism}}}{ScramVerifier.Create(hash, "pencil", Convert.FromBase64String(salt), 4096)}");
        ScramExchange exchange = new(New(), s_clear, hash, binds: false, serverNonce);
        string nonce = clientFirst[(clientFirst.LastIndexOf('=') + 1)..] + serverNonce;
        Assert.Equal($"r={nonce},s={salt},i=4096", ChallengeOf(await NextAsync(exchange, clientFirst)));
        Assert.Equal(serverFinal, ChallengeOf(await NextAsync(exchange, clientFinal)));
        SaslStep.Finished end = Assert.IsType<SaslStep.Finished>(await NextAsync(exchange, ""));
        Assert.Equal(new(LoginOutcome.Accepted, "user@example.test"), end.Result);
    }

    [Fact]
    public async Task Unknown_users_get_a_salt_that_stays()
    {
        string first = await SaltOfAsync("nobody");
        Assert.Equal(first, await SaltOfAsync("NOBODY@example.test"));
        Assert.NotEqual(first, await SaltOfAsync("another"));
        _file.Directory.AddUser("ann@example.test", PasswordHash.Create("secret"));
        string known = await SaltOfAsync("ann");
        Assert.Equal(known.Length, first.Length); // "i=15000" and sixteen octets in both
        Assert.Equal(known[known.IndexOf(',', StringComparison.Ordinal)..], first[first.IndexOf(',', StringComparison.Ordinal)..]);
        _file.Directory.AddUser("old@example.test", "{SSHA}AAAA");
        Assert.Equal(await SaltOfAsync("old"), await SaltOfAsync("old"));
    }

    [Theory]
    [InlineData("SCRAM-SHA-1")]
    [InlineData("SCRAM-SHA-256")]
    [InlineData("SCRAM-SHA-512")]
    public async Task Plain_secret_serves_every_hash(string mechanism)
    {
        _file.Directory.AddUser("ann@example.test", "{PLAIN}s\u00E9cret");
        Authenticator authenticator = New();
        Assert.Equal(LoginOutcome.Accepted, await PlayAsync(authenticator, mechanism, "ann", "s\u00E9cret", s_clear));
        Assert.Equal(LoginOutcome.Refused, await PlayAsync(authenticator, mechanism, "ann", "other", s_clear));
        Assert.Equal(LoginOutcome.Refused, await PlayAsync(authenticator, mechanism, "bob", "s\u00E9cret", s_clear));
    }

    [Fact]
    public async Task Verifier_of_another_hash_serves_nobody()
    {
        _file.Directory.AddUser("ann@example.test", PasswordHash.Create("secret"));
        Assert.Equal(LoginOutcome.Accepted, await PlayAsync(New(), "SCRAM-SHA-256", "ann", "secret", s_clear));
        Assert.Equal(LoginOutcome.Refused, await PlayAsync(New(), "SCRAM-SHA-512", "ann", "secret", s_clear));
    }

    /// <summary>Libraries of clients know more hashes than there are specifications here.</summary>
    [Theory]
    [InlineData("SCRAM-SHA-224")]
    [InlineData("SCRAM-SHA-384")]
    [InlineData("SCRAM-SHA-384-PLUS")]
    [InlineData("SCRAM-SHA3-512")]
    [InlineData("SCRAM-MD5")]
    public void Other_hashes_are_not_there_by_accident(string mechanism)
    {
        Assert.Equal(
            ["SCRAM-SHA-512-PLUS", "SCRAM-SHA-512", "SCRAM-SHA-256-PLUS", "SCRAM-SHA-256", "SCRAM-SHA-1-PLUS", "SCRAM-SHA-1"],
            Authenticator.KnownMechanisms.Where(static name => name.StartsWith("SCRAM", StringComparison.Ordinal)));
        Authenticator authenticator = _file.NewAuthenticator(new AuthOptions { Mechanisms = [mechanism, .. Authenticator.KnownMechanisms] });
        Assert.Null(authenticator.StartSasl(mechanism, s_tls));
        Assert.DoesNotContain(mechanism, authenticator.MechanismsFor(s_tls));
        Assert.False(PasswordHash.IsSupported($"{{{mechanism}}}4096$c2FsdA==$c3RvcmVk:c2VydmVy"));
    }

    [Fact]
    public async Task Binding_is_to_this_connection()
    {
        _file.Directory.AddUser("ann@example.test", PasswordHash.Create("secret"));
        Authenticator authenticator = New();
        const string Plus = "SCRAM-SHA-256-PLUS", Flag = "p=tls-server-end-point";
        Assert.Null(authenticator.StartSasl(Plus, s_clear));
        Assert.True(authenticator.NeedsTls(Plus, s_clear));
        Assert.Equal(LoginOutcome.Accepted, await PlayAsync(authenticator, Plus, "ann", "secret", s_tls, Flag, [1, 2, 3]));
        Assert.Equal(LoginOutcome.Refused, await PlayAsync(authenticator, Plus, "ann", "secret", s_tls, Flag, [1, 2, 4]));
        Assert.Equal(LoginOutcome.Refused, await PlayAsync(authenticator, Plus, "ann", "secret", s_tls, Flag, []));
        Assert.Equal(LoginOutcome.Refused, await PlayAsync(authenticator, Plus, "ann", "secret", s_tls, "p=tls-unique", [1, 2, 3]));
        Assert.Equal(LoginOutcome.Refused, await PlayAsync(authenticator, "SCRAM-SHA-256", "ann", "secret", s_tls, "y"));
        Assert.Equal(LoginOutcome.Accepted, await PlayAsync(authenticator, "SCRAM-SHA-256", "ann", "secret", s_clear, "y"));
        Assert.Equal(LoginOutcome.Accepted, await PlayAsync(authenticator, "SCRAM-SHA-256", "ann", "secret", s_tls, "n"));
    }

    [Theory]
    [InlineData("")]
    [InlineData("n")]
    [InlineData("n,,")]
    [InlineData("n,,n=ann")]
    [InlineData("n,,n=,r=abc")]
    [InlineData("n,,n=ann,r=")]
    [InlineData("n,,n=an=n,r=abc")]
    [InlineData("n,,n=an=2c,r=abc")]
    [InlineData("n,,r=abc,n=ann")]
    [InlineData("n,,m=ext,n=ann,r=abc")]
    [InlineData("n,ann,n=ann,r=abc")]
    [InlineData("n,a=,n=ann,r=abc")]
    [InlineData("x,,n=ann,r=abc")]
    [InlineData("p=,,n=ann,r=abc")]
    [InlineData("p=tls-unique,,n=ann,r=abc")] // in a mechanism that does not bind
    [InlineData("n,,n=ann,r=a b")]
    [InlineData("n,,n=ann\0,r=abc")]
    public async Task Malformed_first_message_is_told_apart(string message)
        => Assert.IsType<SaslStep.Malformed>(await NextAsync(New().StartSasl("SCRAM-SHA-256", s_clear)!, message));

    [Theory]
    [InlineData("")]
    [InlineData("c=biws")]
    [InlineData("c=biws,r=abc")]
    [InlineData("c=biws,r=abc,p=")]
    [InlineData("c=biws,r=abc,p=!!")]
    [InlineData("c=!,r=abc,p=AAAA")]
    [InlineData("r=abc,c=biws,p=AAAA")]
    [InlineData("c=biws,p=AAAA")]
    public async Task Malformed_last_message_is_told_apart(string message)
    {
        ISaslExchange exchange = New().StartSasl("SCRAM-SHA-256", s_clear)!;
        Assert.IsType<SaslStep.Challenge>(await NextAsync(exchange, "n,,n=ann,r=abc"));
        Assert.IsType<SaslStep.Malformed>(await NextAsync(exchange, message));
    }

    [Fact]
    public async Task Names_are_unescaped_and_extensions_skipped()
    {
        _file.Directory.AddUser("a=b@example.test", "{PLAIN}secret");
        ISaslExchange exchange = New().StartSasl("SCRAM-SHA-256", s_clear)!;
        SaslStep.Challenge challenge = Assert.IsType<SaslStep.Challenge>(await NextAsync(exchange, "n,a=a=3Db,n=a=3Db,r=abc,x=y"));
        Assert.StartsWith("r=abc", Encoding.ASCII.GetString(challenge.Octets.Span), StringComparison.Ordinal);
        Assert.Equal(LoginOutcome.Accepted, await PlayAsync(New(), "SCRAM-SHA-256", "a=b", "secret", s_clear));
    }

    [Fact]
    public async Task Cram_md5_agrees_with_the_example_of_RFC_2195()
    {
        _file.Directory.AddUser("tim@example.test", "{PLAIN}tanstaaftanstaaf");
        const string Challenge = "<1896.697170952@postoffice.reston.mci.net>";
        CramMd5Exchange exchange = new(New(), s_clear, Challenge);
        Assert.Equal(Challenge, ChallengeOf(await NextAsync(exchange, "")));
        SaslStep end = await NextAsync(exchange, "tim b913a602c7eda7a495b4e6e7334d3890");
        Assert.Equal(LoginOutcome.Accepted, Assert.IsType<SaslStep.Finished>(end).Result.Outcome);
    }

    [Fact]
    public void Apop_agrees_with_the_example_of_RFC_1939()
    {
        const string Timestamp = "<1896.697170952@dbc.mtview.ca.us>", Digest = "c4c9334bac560ecc979e58001b3e22fb";
        Assert.True(ApopDigest.IsRight("{PLAIN}tanstaaf", Timestamp, Digest));
        Assert.False(ApopDigest.IsRight("{PLAIN}tanstaag", Timestamp, Digest));
        Assert.False(ApopDigest.IsRight(PasswordHash.Create("tanstaaf"), Timestamp, Digest));
        Assert.False(ApopDigest.IsRight(null, Timestamp, Digest));
    }

    [Fact]
    public void Mechanism_is_announced_once_every_account_can_use_it()
    {
        _file.Directory.AddUser("ann@example.test", PasswordHash.Create("secret"));
        ManualTimeProvider time = new();
        Authenticator authenticator = New(time);
        Assert.Contains("SCRAM-SHA-256", authenticator.MechanismsFor(s_tls));
        Assert.DoesNotContain("CRAM-MD5", authenticator.MechanismsFor(s_tls));
        _file.Directory.AddUser("old@example.test", "$6$salt$x");
        time.Advance(TimeSpan.FromSeconds(11));
        Assert.DoesNotContain("SCRAM-SHA-256", authenticator.MechanismsFor(s_tls));
        _file.Directory.SetSecret("old@example.test", "{plain}x");
        _file.Directory.SetSecret("ann@example.test", "{PLAIN}x");
        time.Advance(TimeSpan.FromSeconds(11));
        string[] needMore = ["EXTERNAL", "OAUTHBEARER", "XOAUTH2", "ANONYMOUS"];
        Assert.Equal(Authenticator.KnownMechanisms.Except(needMore), authenticator.MechanismsFor(s_tls));
    }

    [Fact]
    public async Task Password_in_the_clear_stays_where_something_needs_it()
    {
        _file.Directory.AddUser("ann@example.test", "{PLAIN}secret");
        await New().LoginAsync("ann", "secret", s_clear, TestContext.Current.CancellationToken);
        Assert.Equal("{PLAIN}secret", _file.Directory.FindSecret("ann@example.test"));
        AuthOptions options = new() { DefaultDomain = "example.test" };
        Authenticator other = _file.NewAuthenticator(options);
        await other.LoginAsync("ann", "secret", s_clear, TestContext.Current.CancellationToken);
        Assert.StartsWith("{SCRAM-SHA-256}", _file.Directory.FindSecret("ann@example.test"), StringComparison.Ordinal);
    }

    private static string ChallengeOf(SaslStep step) => Encoding.UTF8.GetString(Assert.IsType<SaslStep.Challenge>(step).Octets.Span);

    private static async Task<SaslStep> NextAsync(ISaslExchange exchange, string response)
        => await exchange.NextAsync(Encoding.UTF8.GetBytes(response), TestContext.Current.CancellationToken);

    private static async Task<LoginOutcome> PlayAsync(
        Authenticator authenticator, string mechanism, string identity, string password, SaslConnection connection, string flag = "n", byte[]? binding = null)
    {
        ISaslExchange exchange = authenticator.StartSasl(mechanism, connection)!;
        FullStack.Harness.Clients.SaslClient client = new(mechanism, identity, password, flag, binding ?? []);
        SaslStep step = new SaslStep.Challenge(ReadOnlyMemory<byte>.Empty);
        while (step is SaslStep.Challenge challenge)
            step = await exchange.NextAsync(client.Answer(challenge.Octets.ToArray()), TestContext.Current.CancellationToken);
        return Assert.IsType<SaslStep.Finished>(step).Result.Outcome;
    }

    private Authenticator New(ManualTimeProvider? time = null)
    {
        AuthOptions options = new()
        {
            DefaultDomain = "example.test", FailureDelay = TimeSpan.Zero, MaxFailureDelay = TimeSpan.Zero, Mechanisms = Authenticator.KnownMechanisms,
        };
        return _file.NewAuthenticator(options, time);
    }

    private async Task<string> SaltOfAsync(string identity)
    {
        string challenge = ChallengeOf(await NextAsync(New().StartSasl("SCRAM-SHA-256", s_clear)!, $"n,,n={identity},r=abc"));
        return challenge[(challenge.IndexOf(",s=", StringComparison.Ordinal) + 3)..];
    }
}
