using System.Net;
using System.Text;
using FullStack.Auth;
using FullStack.Auth.Backends;
using FullStack.Auth.Factors;
using FullStack.Auth.Passwords;
using FullStack.Auth.Sasl;
using FullStack.Harness;
using FullStack.Harness.Clients;

namespace FullStack.Unit.Auth;

/// <summary>Passwords for single programs, and codes beside passwords.</summary>
public sealed class FactorTests : IDisposable
{
    private const string Ann = "ann@example.test";

    private readonly DirectoryFile _file = new();
    private readonly ManualTimeProvider _time = new();
    private readonly Authenticator _authenticator;

    public FactorTests()
    {
        _file.Directory.AddDomain("example.test");
        _file.Directory.AddUser(Ann, PasswordHash.Create("secret"));
        AuthOptions options = new() { DefaultDomain = "example.test", FailureDelay = TimeSpan.Zero, MaxFailureDelay = TimeSpan.Zero, Apop = true };
        _authenticator = _file.NewAuthenticator(options, _time);
    }

    public void Dispose() => _file.Dispose();

    [Theory] // RFC 6238 App. B, the last six of its eight digits
    [InlineData(59, "287082")]
    [InlineData(1111111109, "081804")]
    [InlineData(1111111111, "050471")]
    [InlineData(1234567890, "005924")]
    [InlineData(2000000000, "279037")]
    [InlineData(20000000000, "353130")]
    public void Codes_are_those_of_the_rfc(long seconds, string code)
        => Assert.Equal(code, TimeCode.CodeOf("12345678901234567890"u8, TimeCode.StepAt(DateTimeOffset.FromUnixTimeSeconds(seconds))));

    [Fact]
    public void Secrets_are_told_to_phones_in_base32()
        => Assert.Equal(
            "otpauth://totp/mail.example.test:ann%40example.test?secret=GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ&issuer=mail.example.test",
            TimeCode.UriOf("mail.example.test", Ann, "12345678901234567890"u8));

    [Fact]
    public async Task A_password_for_one_program_lets_that_in_until_it_is_taken_away()
    {
        string password = Add("phone", LoginService.Imap);
        Assert.Equal(LoginOutcome.Accepted, await LoginAsync(password, LoginService.Imap));
        Assert.Equal(LoginOutcome.Refused, await LoginAsync(password, LoginService.Smtp));
        Assert.Equal(LoginOutcome.Refused, await LoginAsync(password + "x", LoginService.Imap));
        Assert.Equal(LoginOutcome.Accepted, await LoginAsync("secret", LoginService.Smtp));
        Assert.Equal(DirectoryOutcome.AlreadyThere, _file.Directory.Factors.Add(Ann, New("phone", LoginService.All), out _));
        Assert.Equal(DirectoryOutcome.Done, _file.Directory.Factors.Remove("ANN@example.test", "phone"));
        Assert.Equal(LoginOutcome.Refused, await LoginAsync(password, LoginService.Imap));
    }

    [Fact]
    public async Task A_password_for_one_program_ends_when_it_was_to_end()
    {
        string password = Add("phone", LoginService.All, _time.GetUtcNow() + TimeSpan.FromDays(1));
        Assert.Equal(LoginOutcome.Accepted, await LoginAsync(password, LoginService.Pop3));
        _time.Advance(TimeSpan.FromDays(1));
        Assert.Equal(LoginOutcome.Expired, await LoginAsync(password, LoginService.Pop3));
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Scram_works_with_each_password(bool isOurs)
    {
        if (!isOurs)
            _file.Directory.SetSecret(Ann, "{PLAIN}secret");
        string phone = Add("phone", LoginService.All), tablet = Add("tablet", LoginService.All), other = Add("other", LoginService.Smtp);
        foreach (string password in (string[])["secret", phone, tablet])
            Assert.Equal(LoginOutcome.Accepted, await ScramAsync(password));
        Assert.Equal(LoginOutcome.Refused, await ScramAsync(other));
        Assert.Equal(LoginOutcome.Refused, await ScramAsync("wrong"));
    }

    [Fact]
    public async Task Scram_goes_on_with_a_password_for_one_program_when_the_own_one_is_changed()
    {
        _file.Directory.SetSecret(Ann, _file.Directory.CreateSecret(Ann, "first"));
        string phone = Add("phone", LoginService.All);
        _file.Directory.SetSecret(Ann, _file.Directory.CreateSecret("Ann@Example.test", "second"));
        Assert.Equal(LoginOutcome.Accepted, await ScramAsync(phone));
        Assert.Equal(LoginOutcome.Accepted, await ScramAsync("second"));
    }

    [Fact]
    public async Task Where_a_code_is_asked_for_the_password_alone_lets_nobody_in()
    {
        byte[] secret = "12345678901234567890"u8.ToArray();
        string phone = Add("phone", LoginService.All);
        Assert.Equal(LoginOutcome.Accepted, await LoginAsync("secret", LoginService.Imap));
        Assert.Equal(DirectoryOutcome.Done, _file.Directory.Factors.RequireCode(Ann, secret));
        Assert.Equal(LoginOutcome.Refused, await LoginAsync("secret", LoginService.Imap));
        Assert.Equal(LoginOutcome.Refused, await ScramAsync("secret"));
        Assert.Equal(LoginOutcome.Accepted, await LoginAsync(phone, LoginService.Imap));
        Assert.Equal(LoginOutcome.Accepted, await ScramAsync(phone));

        string code = CodeNow(secret);
        Assert.Equal(LoginOutcome.Refused, await LoginAsync("secret" + Wrong(code), LoginService.Imap));
        Assert.Equal(LoginOutcome.Refused, await LoginAsync("wrong" + code, LoginService.Imap));
        Assert.Equal(LoginOutcome.Accepted, await LoginAsync("secret" + code, LoginService.Imap));
        Assert.Equal(LoginOutcome.Refused, await LoginAsync("secret" + code, LoginService.Imap)); // it was used
        _time.Advance(TimeCode.Step * 2);
        Assert.Equal(LoginOutcome.Accepted, await LoginAsync("secret" + CodeNow(secret), LoginService.Smtp));
        Assert.Equal(LoginOutcome.Refused, await LoginAsync("secret" + TimeCode.CodeOf(secret, TimeCode.StepAt(_time.GetUtcNow()) - 1), LoginService.Smtp)); // an earlier one

        Assert.Equal(DirectoryOutcome.Done, _file.Directory.Factors.WaiveCode(Ann));
        Assert.Equal(LoginOutcome.Accepted, await LoginAsync("secret", LoginService.Imap));
    }

    [Fact]
    public async Task A_stored_password_in_the_clear_proves_nothing_without_the_code()
    {
        _file.Directory.SetSecret(Ann, "{PLAIN}secret");
        _file.Directory.Factors.RequireCode(Ann, TimeCode.NewSecret());
        Assert.Equal(LoginOutcome.Refused, await ScramAsync("secret"));
        string digest = Convert.ToHexStringLower(System.Security.Cryptography.MD5.HashData("<1@x>secret"u8));
        LoginResult result = await _authenticator.LoginByDigestAsync(Ann, "<1@x>", digest, Connection(LoginService.Pop3), TestContext.Current.CancellationToken);
        Assert.Equal(LoginOutcome.Refused, result.Outcome);
    }

    [Fact]
    public void A_later_owner_of_an_address_inherits_nothing()
    {
        Add("phone", LoginService.All);
        _file.Directory.Factors.RequireCode(Ann, TimeCode.NewSecret());
        _file.Directory.RemoveUser(Ann);
        _file.Directory.AddUser(Ann, PasswordHash.Create("another"));
        Assert.Empty(_file.Directory.Factors.List(Ann));
        Assert.False(_file.Directory.Factors.NeedsCode(Ann));
    }

    [Fact]
    public void Passwords_for_programs_are_counted_and_named()
    {
        for (int i = 0; i < FactorStore.MaxAppPasswords; i++)
            Add($"device {i}", LoginService.All);
        Assert.Equal(DirectoryOutcome.InUse, _file.Directory.Factors.Add(Ann, New("one more", LoginService.All), out string? none));
        Assert.Null(none);
        foreach (string name in (string[])["", "a\nb", new string('x', AppPassword.MaxNameCharacters + 1)])
            Assert.Equal(DirectoryOutcome.Malformed, _file.Directory.Factors.Add(Ann, New(name, LoginService.All), out _));
        Assert.Equal(DirectoryOutcome.NoSuchDomain, _file.Directory.Factors.Add("ann@other.test", New("x", LoginService.All), out _));
    }

    private string Add(string name, LoginService services, DateTimeOffset? expires = null)
    {
        Assert.Equal(DirectoryOutcome.Done, _file.Directory.Factors.Add(Ann, New(name, services) with { Expires = expires }, out string? password));
        return password!;
    }

    private AppPassword New(string name, LoginService services) => new(name, services, _time.GetUtcNow(), null);

    private string CodeNow(byte[] secret) => TimeCode.CodeOf(secret, TimeCode.StepAt(_time.GetUtcNow()));

    private static string Wrong(string code) => code[..^1] + (char)('0' + ((code[^1] - '0' + 1) % 10));

    private static SaslConnection Connection(LoginService service) => new(IPAddress.Loopback, IsEncrypted: true) { Service = service };

    private async Task<LoginOutcome> LoginAsync(string password, LoginService service)
        => (await _authenticator.LoginAsync("ann", password, Connection(service), TestContext.Current.CancellationToken)).Outcome;

    private async Task<LoginOutcome> ScramAsync(string password)
    {
        ISaslExchange exchange = _authenticator.StartSasl("SCRAM-SHA-256", Connection(LoginService.Imap))!;
        SaslClient client = new("SCRAM-SHA-256", "ann", password, "n", []);
        byte[] challenge = [];
        while (true)
        {
            switch (await exchange.NextAsync(client.Answer(challenge), TestContext.Current.CancellationToken))
            {
                case SaslStep.Challenge more:
                    challenge = more.Octets.ToArray();
                    break;
                case SaslStep.Finished finished:
                    return finished.Result.Outcome;
                default:
                    Assert.Fail("malformed: " + Encoding.UTF8.GetString(challenge));
                    break;
            }
        }
    }
}
