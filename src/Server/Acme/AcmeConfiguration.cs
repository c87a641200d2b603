namespace FullStack.Server.Acme;

/// <summary>How a host shows an authority that it is the one it says.</summary>
public enum ChallengeKind
{
    /// <summary>A file by HTTP at port 80 (RFC 8555 §8.3).</summary>
    Http,

    /// <summary>A certificate of its own in a TLS handshake at port 443 (RFC 8737).</summary>
    TlsAlpn,
}

/// <summary>One certificate that an authority is asked for.</summary>
/// <param name="Names">Host names, or IP addresses (RFC 8738). The first one names the file.</param>
public sealed record OrderedCertificate(IReadOnlyList<string> Names);

/// <summary>Certificates that the server gets for itself, by ACME (RFC 8555).</summary>
public sealed class AcmeConfiguration
{
    /// <summary>The certificates; none: ACME is not used.</summary>
    public IReadOnlyList<OrderedCertificate> Certificates { get; init; } = [];

    /// <summary>Where the authority's directory is (RFC 8555 §7.1.1).</summary>
    public string Directory { get; init; } = "https://acme-v02.api.letsencrypt.org/directory";

    /// <summary>Addresses to which the authority may write.</summary>
    public IReadOnlyList<string> Contact { get; init; } = [];

    /// <summary>Whether the administrator has agreed to the authority's terms of service.</summary>
    public bool AgreeToTerms { get; init; }

    /// <summary>How the host shows who it is.</summary>
    public ChallengeKind Challenge { get; init; } = ChallengeKind.Http;

    /// <summary>Whether a renewed certificate has the old one's key.</summary>
    public bool KeepKey { get; init; }

    /// <summary>The name of an account that the authority knows by other means (RFC 8555 §7.3.4); empty: none.</summary>
    public string ExternalKeyId { get; init; } = "";

    /// <summary>The file with that account's key, in base64url.</summary>
    public string ExternalKeyFile { get; init; } = "";

    /// <summary>Authorities that the directory's own certificate may be from, as a PEM file; empty: those of the system.</summary>
    public string Authorities { get; init; } = "";
}
