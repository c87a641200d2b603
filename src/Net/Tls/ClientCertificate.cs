using System.Security.Cryptography.X509Certificates;

namespace FullStack.Net.Tls;

/// <summary>The certificate a client has shown in the handshake, and whose key it has.</summary>
/// <param name="Certificate">The certificate. It lives as long as the connection.</param>
/// <param name="IsTrusted">An authority that is trusted for clients made it, and it is valid now.</param>
public sealed record ClientCertificate(X509Certificate2 Certificate, bool IsTrusted);
