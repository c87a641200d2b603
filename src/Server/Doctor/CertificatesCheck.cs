using System.Globalization;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using FullStack.Server.Configuration;
using FullStack.Server.Tls;

namespace FullStack.Server.Doctor;

/// <summary>Whether the certificates that are served can be used, for how long, for the host's name, and by whom they are believed.</summary>
/// <param name="Files">The certificates, the default one first.</param>
/// <param name="HostName">The name that others connect to.</param>
/// <param name="Now">The time.</param>
/// <param name="Roots">Who is believed; null: whom the system trusts.</param>
internal sealed record CertificatesCheck(IReadOnlyList<CertificateFiles> Files, string HostName, DateTimeOffset Now, X509Certificate2Collection? Roots = null) : IDoctorCheck
{
    public static readonly FindingKind Unusable = new("certificates.unusable", FindingLevel.Error, "A certificate or its key cannot be loaded: the server does not start, or serves the old one.", "Put the files right; the message says what is wrong.");
    public static readonly FindingKind Expired = new("certificates.expired", FindingLevel.Error, "A certificate has expired, or is not valid yet.", "Renew it (`fullstack certificate renew`, or the program that it comes from), or set the clock.");
    public static readonly FindingKind Expires = new("certificates.expires", FindingLevel.Warning, "A certificate expires within 14 days: its renewal does not work.", "See `fullstack certificate list` or the log of the program that renews it.");
    public static readonly FindingKind OtherName = new("certificates.name", FindingLevel.Error, "No certificate is for the name of this host, by which programs and other hosts connect.", "Get one that has the name.");
    public static readonly FindingKind SelfMade = new("certificates.self_signed", FindingLevel.Warning, "The certificate was signed by nobody else: programs ask their users whether to trust it, and hosts that demand a proof (MTA-STS) send no mail.", "Get one from an authority: acme.certificates.");
    public static readonly FindingKind Chain = new("certificates.chain", FindingLevel.Error, "No authority that this system trusts stands behind the certificate; often the file lacks the certificates in between.", "Put the whole chain into the file, the certificate first.");

    public string Name => "certificates";

    public IReadOnlyList<FindingKind> Kinds => [Unusable, Expired, Expires, OtherName, SelfMade, Chain];

    public Task<IReadOnlyList<Finding>> RunAsync(CancellationToken ct)
    {
        List<Finding> findings = [];
        bool hasName = false;
        List<string> names = [];
        foreach (CertificateFiles files in Files)
        {
            try
            {
                ServedCertificate served = CertificateSet.Load([files]).Certificates[0];
                hasName |= served.Context.TargetCertificate.MatchesHostname(HostName);
                names.AddRange(served.Names);
                findings.AddRange(Judge(served));
            }
            catch (CertificateException e)
            {
                findings.Add(new(Unusable, e.Message));
            }
        }

        if (names.Count > 0)
            findings.Add(new(hasName ? FindingKind.Ok(Name) : OtherName, $"this host is {HostName}, the certificates are for {string.Join(", ", names)}"));
        return Task.FromResult<IReadOnlyList<Finding>>(findings);
    }

    private IEnumerable<Finding> Judge(ServedCertificate served)
    {
        X509Certificate2 certificate = served.Context.TargetCertificate;
        string file = served.Files.Certificate;
        FindingKind life = Now > certificate.NotAfter || Now < certificate.NotBefore ? Expired : Now > certificate.NotAfter - CertificateCatalog.WarnBefore ? Expires : FindingKind.Ok(Name);
        yield return new(life, string.Create(CultureInfo.InvariantCulture, $"{file} is valid from {certificate.NotBefore.ToUniversalTime():yyyy-MM-dd} to {certificate.NotAfter.ToUniversalTime():yyyy-MM-dd}"));
        if (certificate.SubjectName.RawData.AsSpan().SequenceEqual(certificate.IssuerName.RawData))
            yield return new(SelfMade, $"{file} is signed by its own key");
        else if (life != Expired)
            yield return JudgeChain(file, certificate);
    }

    private Finding JudgeChain(string file, X509Certificate2 certificate)
    {
        using X509Chain chain = new();
        X509Certificate2Collection inFile = [];
        try
        {
            inFile.ImportFromPemFile(file);
        }
        catch (CryptographicException e)
        {
            return new(Unusable, $"{file}: {e.Message}");
        }

        chain.ChainPolicy.ExtraStore.AddRange(inFile);
        chain.ChainPolicy.RevocationMode = X509RevocationMode.NoCheck;
        chain.ChainPolicy.DisableCertificateDownloads = true; // what the file lacks, others will lack too
        chain.ChainPolicy.VerificationTimeIgnored = false;
        chain.ChainPolicy.VerificationTime = Now.UtcDateTime;
        if (Roots is not null)
        {
            chain.ChainPolicy.TrustMode = X509ChainTrustMode.CustomRootTrust;
            chain.ChainPolicy.CustomTrustStore.AddRange(Roots);
        }

        return chain.Build(certificate)
            ? new(FindingKind.Ok(Name), $"{file} leads to {chain.ChainElements[^1].Certificate.GetNameInfo(X509NameType.SimpleName, forIssuer: false)}")
            : new(Chain, $"{file}, issued by {certificate.GetNameInfo(X509NameType.SimpleName, forIssuer: true)}: {string.Join(", ", chain.ChainStatus.Select(static status => status.Status))}");
    }
}
