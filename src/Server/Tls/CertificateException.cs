using FullStack.Server.Configuration;

namespace FullStack.Server.Tls;

/// <summary>A certificate or its key that cannot be used; the message names the file and says why.</summary>
public sealed class CertificateException(string message, CertificateFiles? files, Exception? inner = null) : Exception(message, inner)
{
    /// <summary>The pair that cannot be used.</summary>
    public CertificateFiles? Files { get; } = files;
}
