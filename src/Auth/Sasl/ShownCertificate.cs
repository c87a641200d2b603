using System.Security.Cryptography.X509Certificates;

namespace FullStack.Auth.Sasl;

/// <summary>A certificate that a client has shown in the TLS handshake, and whose key it has.</summary>
/// <param name="Certificate">The certificate.</param>
/// <param name="IsTrusted">An authority that says who clients are made it.</param>
public sealed record ShownCertificate(X509Certificate2 Certificate, bool IsTrusted);
