namespace FullStack.Server.Tls;

/// <summary>A certificate or its key that cannot be used; the message names the file and says why.</summary>
public sealed class CertificateException(string message, Exception? inner = null) : Exception(message, inner);
