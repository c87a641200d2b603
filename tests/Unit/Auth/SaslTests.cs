using System.Net;
using System.Text;
using FullStack.Auth;
using FullStack.Auth.Passwords;
using FullStack.Auth.Sasl;

namespace FullStack.Unit.Auth;

public sealed class SaslTests : IDisposable
{
    private static readonly SaslConnection s_connection = new(IPAddress.Loopback, IsEncrypted: false);

    private readonly DirectoryFile _file = new();
    private readonly Authenticator _authenticator;

    public SaslTests()
    {
        _file.Directory.AddDomain("example.test");
        _file.Directory.AddUser("ann@example.test", PasswordHash.Create("se\u00E9cret"));
        AuthOptions options = new() { DefaultDomain = "example.test", FailureDelay = TimeSpan.Zero, MaxFailureDelay = TimeSpan.Zero };
        _authenticator = _file.NewAuthenticator(options);
    }

    public void Dispose() => _file.Dispose();

    [Fact]
    public void Offered_mechanisms_can_be_started_in_any_case()
    {
        Assert.Equal(["SCRAM-SHA-256", "PLAIN", "LOGIN"], _authenticator.MechanismsFor(s_connection));
        Assert.All(_authenticator.MechanismsFor(s_connection), name => Assert.Equal(name, Start(name.ToLowerInvariant())?.Mechanism));
        Assert.Null(Start("CRAM-MD5"));
        Assert.Null(Start(""));
        Assert.True(Start("PLAIN")!.ClientFirst);
        Assert.False(Start("LOGIN")!.ClientFirst);
    }

    [Theory]
    [InlineData("\0ann@example.test\0se\u00E9cret", LoginOutcome.Accepted)]
    [InlineData("\0ann\0se\u00E9cret", LoginOutcome.Accepted)]
    [InlineData("ann@example.test\0ANN\0se\u00E9cret", LoginOutcome.Accepted)]
    [InlineData("bob@example.test\0ann\0se\u00E9cret", LoginOutcome.NotAuthorized)]
    [InlineData("bob@example.test\0ann\0wrong", LoginOutcome.Refused)] // whom he may not be is not told to who is nobody
    [InlineData("\0ann\0wrong", LoginOutcome.Refused)]
    [InlineData("\0bob\0se\u00E9cret", LoginOutcome.Refused)]
    public async Task Plain_is_one_message(string message, LoginOutcome outcome)
    {
        SaslStep step = await NextAsync(Start("PLAIN")!, Encoding.UTF8.GetBytes(message));
        Assert.Equal(outcome, Assert.IsType<SaslStep.Finished>(step).Result.Outcome);
    }

    [Theory] // RFC 4616 §4
    [InlineData("tim", "tanstaaftanstaaf", "\0tim\0tanstaaftanstaaf", LoginOutcome.Accepted)]
    [InlineData("Kurt", "xipj3plmq", "Ursel\0Kurt\0xipj3plmq", LoginOutcome.NotAuthorized)]
    public async Task Examples_of_the_rfc_hold(string user, string password, string message, LoginOutcome outcome)
    {
        _file.Directory.AddUser(user + "@example.test", PasswordHash.Create(password));
        SaslStep step = await NextAsync(Start("PLAIN")!, Encoding.UTF8.GetBytes(message));
        Assert.Equal(outcome, Assert.IsType<SaslStep.Finished>(step).Result.Outcome);
    }

    [Theory]
    [InlineData("")]
    [InlineData("ann")]
    [InlineData("\0ann")]
    [InlineData("\0ann\0")]
    [InlineData("\0\0secret")]
    [InlineData("\0ann\0sec\0ret")]
    [InlineData("\0ann\0\u00FF", true)]
    [InlineData("\0\u00C3\0secret", true)]
    public async Task Malformed_plain_is_told_apart(string message, bool latin1 = false)
        => Assert.IsType<SaslStep.Malformed>(await NextAsync(Start("PLAIN")!, (latin1 ? Encoding.Latin1 : Encoding.UTF8).GetBytes(message)));

    [Fact]
    public async Task Overlong_plain_is_malformed()
    {
        byte[] message = Encoding.UTF8.GetBytes("\0ann\0" + new string('x', 2000));
        Assert.IsType<SaslStep.Malformed>(await NextAsync(Start("PLAIN")!, message));
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Login_asks_for_name_and_password(bool initialResponse)
    {
        ISaslExchange exchange = Start("LOGIN")!;
        if (!initialResponse)
            Assert.Equal("Username:", ChallengeOf(await NextAsync(exchange, [])));
        Assert.Equal("Password:", ChallengeOf(await NextAsync(exchange, "ann@example.test"u8.ToArray())));
        SaslStep end = await NextAsync(exchange, "se\u00E9cret"u8.ToArray());
        Assert.Equal(new(LoginOutcome.Accepted, "ann@example.test"), Assert.IsType<SaslStep.Finished>(end).Result);
    }

    [Fact]
    public async Task Malformed_login_is_told_apart()
    {
        ISaslExchange exchange = Start("LOGIN")!;
        await NextAsync(exchange, []);
        Assert.IsType<SaslStep.Malformed>(await NextAsync(exchange, []));
        exchange = Start("LOGIN")!;
        Assert.IsType<SaslStep.Malformed>(await NextAsync(exchange, [0xFF]));
        exchange = Start("LOGIN")!;
        await NextAsync(exchange, "ann"u8.ToArray());
        Assert.IsType<SaslStep.Malformed>(await NextAsync(exchange, new byte[5000]));
    }

    private static string ChallengeOf(SaslStep step) => Encoding.ASCII.GetString(Assert.IsType<SaslStep.Challenge>(step).Octets.Span);

    private static async Task<SaslStep> NextAsync(ISaslExchange exchange, byte[] response)
        => await exchange.NextAsync(response, TestContext.Current.CancellationToken);

    private ISaslExchange? Start(string mechanism) => _authenticator.StartSasl(mechanism, s_connection);
}
