using FullStack.Server.Acme;

namespace FullStack.Server.Configuration;

/// <summary>The keys of certificates that the server gets for itself.</summary>
internal static class AcmeSettings
{
    private static readonly AcmeConfiguration Defaults = new();

    public static readonly Setting<IReadOnlyList<OrderedCertificate>> Certificates = new OrderedCertificatesSetting("acme.certificates",
        "Certificates that the server gets by ACME and renews, each for one or more names, which have to lead to this host. Until one is there, the\n"
        + "server uses one that it makes for itself. Clients that name no host get that of tls.certificate, else the first of these.")
    { Example = "[{ names: [mail.example.test, mta-sts.example.test] }]" };

    public static readonly Setting<string> Directory = new ScalarSetting<string>("acme.directory", Defaults.Directory,
        new("an address such as https://acme.example.test/directory", static (string text, out string value) =>
        {
            value = text;
            return Uri.TryCreate(text, UriKind.Absolute, out Uri? address) && address.Scheme == Uri.UriSchemeHttps && !text.Any(char.IsControl);
        }, YamlText.Scalar),
        "The authority: where its ACME directory is. Each one has an account of its own.");

    public static readonly Setting<bool> AgreeToTerms = new ScalarSetting<bool>("acme.agree_to_terms", Defaults.AgreeToTerms,
        ValueForms.OneOf(("true", true), ("false", false)), "Say true once you have read the authority's terms of service and agree to them: else it gives no certificate.");

    public static readonly Setting<IReadOnlyList<string>> Contact = new ListSetting("acme.contact", ValueForms.Address,
        "Addresses to which the authority may write, for instance when a certificate expires.")
    { Example = "[postmaster@example.test]" };

    public static readonly Setting<ChallengeKind> Challenge = new ScalarSetting<ChallengeKind>("acme.challenge", Defaults.Challenge,
        ValueForms.OneOf(("http-01", ChallengeKind.Http), ("tls-alpn-01", ChallengeKind.TlsAlpn)),
        "How the server shows that the names are its own: http-01 by HTTP, asked for at port 80, or tls-alpn-01 in a TLS handshake, at port 443. A\n"
        + "listener of web.listeners has to be reached at that port.");

    public static readonly Setting<bool> KeepKey = new ScalarSetting<bool>("acme.keep_key", Defaults.KeepKey,
        ValueForms.OneOf(("true", true), ("false", false)), "Renew a certificate with the key that it has, so that TLSA records (DANE) stay right. Else each has a new one.");

    public static readonly Setting<string> ExternalKeyId = new ScalarSetting<string>("acme.external_key_id", Defaults.ExternalKeyId,
        ValueForms.Text(200), "For authorities that give certificates to customers only (external account binding): the name of the key they gave you.");

    public static readonly Setting<string> ExternalKeyFile = new ScalarSetting<string>("acme.external_key_file", "", ValueForms.FilePath,
        "That key, as the authority shows it (base64url), in a file.")
    { Example = "acme.key" };

    public static readonly Setting<string> Authorities = new ScalarSetting<string>("acme.authorities", "", ValueForms.FilePath,
        "Whom the authority's own web server may have its certificate from, as a PEM file; for one in your own network. Not given: whom the system trusts.")
    { Example = "root.pem" };

    /// <summary>In the order of the example.</summary>
    public static IReadOnlyList<Setting> All { get; } =
        [Certificates, Directory, AgreeToTerms, Contact, Challenge, KeepKey, ExternalKeyId, ExternalKeyFile, Authorities];

    public static AcmeConfiguration Build(SettingValues values, Func<string, string> resolve) => new()
    {
        Certificates = values.Get(Certificates),
        Directory = values.Get(Directory),
        AgreeToTerms = values.Get(AgreeToTerms),
        Contact = values.Get(Contact),
        Challenge = values.Get(Challenge),
        KeepKey = values.Get(KeepKey),
        ExternalKeyId = values.Get(ExternalKeyId),
        ExternalKeyFile = values.IsGiven(ExternalKeyFile) ? resolve(values.Get(ExternalKeyFile)) : "",
        Authorities = values.IsGiven(Authorities) ? resolve(values.Get(Authorities)) : "",
    };

    /// <summary>What has to go together.</summary>
    public static void Check(SettingValues values, List<ConfigurationProblem> problems)
    {
        if (!values.IsGiven(Certificates))
            return;
        bool needsTls = values.Get(Challenge) == ChallengeKind.TlsAlpn;
        if (!values.Get(WebSettings.Listeners).Any(listener => listener.Tls == needsTls))
        {
            problems.Add(new(values.LineOf(Certificates), $"{WebSettings.Listeners.Name}: expected one {(needsTls ? "with" : "without")} TLS, because "
                + $"{Certificates.Name} is proved by {(needsTls ? "tls-alpn-01" : "http-01")}; found none"));
        }

        (Setting given, Setting missing) = values.IsGiven(ExternalKeyId) ? (ExternalKeyId, ExternalKeyFile) : (ExternalKeyFile, (Setting)ExternalKeyId);
        if (values.IsGiven(given) && !values.IsGiven(missing))
            problems.Add(new(values.LineOf(given), $"{missing.Name}: expected a value, because {given.Name} is given; found nothing"));
    }
}
