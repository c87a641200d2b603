using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using FullStack.Harness;
using FullStack.Harness.Servers;
using FullStack.Server;

namespace FullStack.Interop;

/// <summary>A server that offers every mechanism there is, with an issuer of tokens and an authority for clients' certificates.</summary>
public sealed class LoginServer : IAsyncLifetime
{
    private readonly ScratchFolder _folder = new();
    private readonly ScriptedIssuer _issuer = new();
    private readonly ECDsa _authorityKey = ECDsa.Create(ECCurve.NamedCurves.nistP256);
    private readonly X509Certificate2 _authority;
    private TestMailServer? _server;
    private int _users;

    public LoginServer()
    {
        CertificateRequest request = new("CN=clients", _authorityKey, HashAlgorithmName.SHA256);
        request.CertificateExtensions.Add(new X509BasicConstraintsExtension(certificateAuthority: true, hasPathLengthConstraint: false, 0, critical: true));
        _authority = request.CreateSelfSigned(DateTimeOffset.UtcNow.AddDays(-1), DateTimeOffset.UtcNow.AddDays(2));
    }

    private TestMailServer Running => _server ?? throw new InvalidOperationException("not started");

    /// <summary>Whose mail anonymous clients read.</summary>
    public static string Anybody => InteropServer.Bob;

    /// <summary>The certificate that the server made for itself.</summary>
    public string CertificateFile => Path.Combine(Running.Data, "tls", "certificate.pem");

    public async ValueTask InitializeAsync()
    {
        File.WriteAllText(_folder.File("clients-ca.pem"), _authority.ExportCertificatePem());
        string[] protocols = ["submission", "imap", "pop3"];
        string[] listeners =
        [
            .. from protocol in protocols
               from tls in (string[])["", ", tls: implicit"]
               select $"{{ protocol: {protocol}, address: \"127.0.0.1:0\", client_certificates: true{tls} }}",
            .. from protocol in protocols
               select $"{{ protocol: {protocol}, address: \"127.0.0.1:0\", tls: implicit }}",
            .. from protocol in protocols
               select $"{{ protocol: {protocol}, address: \"127.0.0.1:0\", tls: implicit, mechanisms: [XOAUTH2, LOGIN] }}",
        ];
        _server = await TestMailServer.StartAsync(new()
        {
            Time = TimeProvider.System,
            Settings = new Dictionary<string, string>
            {
                ["listeners"] = $"[{string.Join(", ", listeners)}]",
                ["auth.mechanisms"] = $"[{string.Join(", ", Auth.Authenticator.KnownMechanisms)}]",
                ["auth.anonymous"] = Anybody,
                ["auth.apop"] = "true",
                ["tls.client_ca"] = _folder.File("clients-ca.pem"),
                ["oauth.issuer"] = ScriptedIssuer.Name,
                ["oauth.audience"] = $"[{ScriptedIssuer.Audience}]",
                ["oauth.key_address"] = _issuer.Address + "/keys",
            },
        });
        foreach (string user in TestAccounts.Users)
            StoreInTheClear(user);
    }

    public async ValueTask DisposeAsync()
    {
        await Running.DisposeAsync();
        await _issuer.DisposeAsync();
        _authority.Dispose();
        _authorityKey.Dispose();
        _folder.Dispose();
        Running.Log.CheckNoAlarm();
    }

    /// <summary>A new account, whose password is stored so that each mechanism can be served.</summary>
    /// <returns>Its address.</returns>
    public string NewUser()
    {
        string user = $"user{Interlocked.Increment(ref _users)}";
        Running.AddUser(user);
        StoreInTheClear(user);
        return $"{user}@example.test";
    }

    /// <summary>A new home folder to run a program in.</summary>
    internal ExternalProgram NewHome(string user) => new(Directory.CreateDirectory(_folder.File(user.Split('@')[0])).FullName);

    public int Port(string protocol, bool isImplicit) => Running.Listener(Named(protocol), isImplicit ? ListenerTls.Implicit : ListenerTls.Start).EndPoint.Port;

    /// <summary>Where XOAUTH2 is the only mechanism beside LOGIN, which IMAP has as a command and does not announce. TLS begins with the connection.</summary>
    public int PortOfFew(string protocol) => ImplicitPorts(protocol)[^1];

    /// <summary>Where clients are not asked for certificates. TLS begins with the connection.</summary>
    public int PortWithoutCertificates(string protocol) => ImplicitPorts(protocol)[1];

    public string TokenFor(string address) => _issuer.TokenFor(address, DateTimeOffset.UtcNow);

    /// <summary>A certificate for a client, with its key behind it, as PEM.</summary>
    public string CertificateFor(string address) => CertificateFor(address, _authority);

    /// <summary>The same, made by another authority, which the server's own certifies: its certificate is the second value.</summary>
    public (string Certificate, string Between) ExplainedCertificateFor(string address)
    {
        using ECDsa key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        CertificateRequest request = new("CN=between", key, HashAlgorithmName.SHA256);
        request.CertificateExtensions.Add(new X509BasicConstraintsExtension(certificateAuthority: true, hasPathLengthConstraint: false, 0, critical: true));
        using X509Certificate2 made = Sign(request, _authority);
        using X509Certificate2 between = made.CopyWithPrivateKey(key);
        return (CertificateFor(address, between), between.ExportCertificatePem() + "\n");
    }

    /// <summary>Whether the log has it that an account logged in so.</summary>
    public bool HasLoggedIn(string address, string method)
        => Running.Log.Latest.Any(entry => entry.ToString() is { } line
            && line.Contains(address, StringComparison.Ordinal)
            && line.Contains($" by {method}", StringComparison.OrdinalIgnoreCase)
            && !line.Contains("refused", StringComparison.Ordinal));

    private static string CertificateFor(string address, X509Certificate2 authority)
    {
        using ECDsa key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        CertificateRequest request = new("CN=" + address, key, HashAlgorithmName.SHA256);
        SubjectAlternativeNameBuilder names = new();
        names.AddEmailAddress(address);
        request.CertificateExtensions.Add(names.Build());
        request.CertificateExtensions.Add(new X509EnhancedKeyUsageExtension([new Oid("1.3.6.1.5.5.7.3.2")], critical: false));
        using X509Certificate2 certificate = Sign(request, authority);
        return certificate.ExportCertificatePem() + "\n" + key.ExportPkcs8PrivateKeyPem() + "\n";
    }

    private static X509Certificate2 Sign(CertificateRequest request, X509Certificate2 authority)
        => request.Create(authority, DateTimeOffset.UtcNow.AddHours(-1), DateTimeOffset.UtcNow.AddDays(1), RandomNumberGenerator.GetBytes(8));

    private int[] ImplicitPorts(string protocol)
        => [.. Running.Listeners.Where(listener => listener.Protocol == Named(protocol) && listener.Tls == ListenerTls.Implicit).Select(static listener => listener.EndPoint.Port)];

    private static ListenerProtocol Named(string protocol)
        => protocol switch { "smtp" => ListenerProtocol.Submission, "imap" => ListenerProtocol.Imap, _ => ListenerProtocol.Pop3 };

    private void StoreInTheClear(string user) => Running.SetSecret(user, "{PLAIN}" + TestAccounts.PasswordOf(user));
}
