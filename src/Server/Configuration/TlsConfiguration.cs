namespace FullStack.Server.Configuration;

/// <summary>One certificate with its chain, and its key, as PEM files.</summary>
public sealed record CertificateFiles(string Certificate, string Key);

/// <summary>The certificates to serve.</summary>
public sealed class TlsConfiguration
{
    /// <summary>Served to clients that name no host, or one that no certificate covers. Null: the server makes one.</summary>
    public CertificateFiles? Default { get; init; }

    /// <summary>Further certificates, chosen by the name the client asks for (SNI).</summary>
    public IReadOnlyList<CertificateFiles> Further { get; init; } = [];

    /// <summary>The authorities whose certificates say who a client is, as a PEM file; empty: none.</summary>
    public string ClientAuthorities { get; init; } = "";
}
