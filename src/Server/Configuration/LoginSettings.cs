using FullStack.Auth.Tokens;

namespace FullStack.Server.Configuration;

/// <summary>The keys of logins that need no password.</summary>
internal static class LoginSettings
{
    private static readonly TokenOptions Defaults = new();
    private static readonly TimeSpan Day = TimeSpan.FromDays(1);

    private static readonly ValueForm<string> Text = new(
        "a text",
        static (string text, out string value) =>
        {
            value = text;
            return !text.Any(char.IsControl);
        },
        YamlText.Scalar);

    /// <summary>Tokens are as good as passwords, so they go over TLS, or stay on this host.</summary>
    private static readonly ValueForm<string> WebAddress = new(
        "an address that begins with https://, or with http:// on this host itself",
        static (string text, out string value) =>
        {
            value = text;
            return Uri.TryCreate(text, UriKind.Absolute, out Uri? address) && address.UserInfo.Length == 0
                && (address.Scheme == Uri.UriSchemeHttps || (address.Scheme == Uri.UriSchemeHttp && address.IsLoopback));
        },
        YamlText.Scalar);

    public static readonly Setting<string> ClientAuthorities = new ScalarSetting<string>("tls.client_ca", "", ValueForms.FilePath,
        "Authorities whose certificates say who a client is, as a PEM file: the mail addresses in them are the accounts that the mechanism EXTERNAL\n"
        + "logs in to, on listeners with client_certificates.")
    { Example = "clients-ca.pem" };

    public static readonly Setting<TimeSpan> PopBeforeSmtp = new ScalarSetting<TimeSpan>("smtp.pop_before_smtp", TimeSpan.Zero,
        ValueForms.Duration(TimeSpan.Zero, Day),
        "For how long who has logged in by POP3 or IMAP may send to other hosts on port 25 from the same address, without a login. 0s: not at all.");

    public static readonly Setting<IReadOnlyList<CertificateAccount>> Certificates = new CertificateAccountsSetting("auth.client_certificates",
        "Certificates of clients that log in to an account by EXTERNAL, whoever made them, on listeners with client_certificates.")
    { Example = "[{ fingerprint: 00112233445566778899AABBCCDDEEFF00112233445566778899AABBCCDDEEFF, account: ann@example.test }]" };

    public static readonly Setting<string> AnonymousAccount = new ScalarSetting<string>("auth.anonymous", "", ValueForms.Address,
        "The account that anybody may read by IMAP and POP3 (ANONYMOUS). It can do there what its owner could.")
    { Example = "public@example.test" };

    public static readonly Setting<string> Issuer = new ScalarSetting<string>("oauth.issuer", Defaults.Issuer, Text,
        "Who has to have made a token that logs in by OAUTHBEARER or XOAUTH2: its claim iss. It is checked by the issuer's keys, of a file or an address,\n"
        + "or by asking the issuer (introspection).")
    { Example = "https://id.example.test/" };

    public static readonly Setting<IReadOnlyList<string>> Audiences = new ListSetting("oauth.audience", Text,
        "Whom the token has to be for: one of these in its claim aud. Without issuer and audience no signed token lets anybody in.")
    { Example = "[mail.example.test]" };

    public static readonly Setting<string> UserClaim = new ScalarSetting<string>("oauth.user_claim", Defaults.UserClaim, Text, "The claim that names the account.");

    public static readonly Setting<string> Scope = new ScalarSetting<string>("oauth.scope", Defaults.Scope, Text, "What has to be in the token's claim scope.")
    { Example = "mail" };

    public static readonly Setting<TimeSpan> Leeway = new ScalarSetting<TimeSpan>("oauth.leeway", Defaults.Leeway,
        ValueForms.Duration(TimeSpan.Zero, TimeSpan.FromMinutes(10)), "By how much the issuer's clock may differ from this one's.");

    public static readonly Setting<string> KeyFile = new ScalarSetting<string>("oauth.key_file", "", ValueForms.FilePath,
        "The issuer's keys as a file (a JSON Web Key Set). A changed file is taken up within a minute.")
    { Example = "issuer.jwks" };

    public static readonly Setting<string> KeyAddress = new ScalarSetting<string>("oauth.key_address", "", WebAddress,
        "Where the issuer publishes its keys. They are fetched when they are first needed, again after key_lifetime, and when a token names one\n"
        + "that is not among them, at most every 30 seconds.")
    { Example = "https://id.example.test/keys" };

    public static readonly Setting<TimeSpan> KeyLifetime = new ScalarSetting<TimeSpan>("oauth.key_lifetime", Defaults.KeyLifetime,
        ValueForms.Duration(TimeSpan.FromMinutes(1), Day), "How long fetched keys are used before they are fetched again.");

    public static readonly Setting<string> Introspection = new ScalarSetting<string>("oauth.introspection", "", WebAddress,
        "Where the issuer is asked whether a token counts (RFC 7662), for tokens that are not signed, or where no keys are given.")
    { Example = "https://id.example.test/introspect" };

    public static readonly Setting<string> IntrospectionUser = new ScalarSetting<string>("oauth.introspection_user", "", Text,
        "What this server calls itself when it asks.")
    { Example = "mail-server" };

    public static readonly Setting<string> IntrospectionSecretFile = new ScalarSetting<string>("oauth.introspection_secret_file", "", ValueForms.FilePath,
        "A file with the password for that, which is its first and only line.")
    { Example = "introspection.secret" };

    public static readonly Setting<TimeSpan> IntrospectionLifetime = new ScalarSetting<TimeSpan>("oauth.introspection_lifetime", Defaults.IntrospectionLifetime,
        ValueForms.Duration(TimeSpan.Zero, TimeSpan.FromMinutes(10)),
        "How long the issuer is not asked again for a token that it said counts; a token that it takes back lets in as long. 0s: each login asks.");

    public static readonly Setting<string> Discovery = new ScalarSetting<string>("oauth.discovery", "", WebAddress,
        "Where clients learn how to get a token (OpenID's configuration), which those are told whose token is refused.")
    { Example = "https://id.example.test/.well-known/openid-configuration" };

    /// <summary>Those below <c>auth</c> and <c>oauth</c>, in the order of the example.</summary>
    public static IReadOnlyList<Setting> All { get; } =
    [
        AnonymousAccount, Certificates, Issuer, Audiences, UserClaim, Scope, Leeway, KeyFile, KeyAddress, KeyLifetime,
        Introspection, IntrospectionUser, IntrospectionSecretFile, IntrospectionLifetime, Discovery,
    ];

    /// <param name="values">What the file says.</param>
    /// <param name="resolve">Makes a path whole.</param>
    public static TokenOptions BuildTokens(SettingValues values, Func<string, string> resolve) => new()
    {
        Issuer = values.Get(Issuer),
        Audiences = values.Get(Audiences),
        UserClaim = values.Get(UserClaim),
        Scope = values.Get(Scope),
        Leeway = values.Get(Leeway),
        KeyFile = values.IsGiven(KeyFile) ? resolve(values.Get(KeyFile)) : "",
        KeyAddress = values.IsGiven(KeyAddress) ? new Uri(values.Get(KeyAddress)) : null,
        KeyLifetime = values.Get(KeyLifetime),
        Introspection = values.IsGiven(Introspection) ? new Uri(values.Get(Introspection)) : null,
        IntrospectionUser = values.Get(IntrospectionUser),
        IntrospectionSecretFile = values.IsGiven(IntrospectionSecretFile) ? resolve(values.Get(IntrospectionSecretFile)) : "",
        IntrospectionLifetime = values.Get(IntrospectionLifetime),
        Discovery = values.IsGiven(Discovery) ? new Uri(values.Get(Discovery)) : null,
    };
}
