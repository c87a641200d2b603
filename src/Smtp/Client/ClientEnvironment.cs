using System.Security.Cryptography.X509Certificates;
using Microsoft.Extensions.Logging;

namespace FullStack.Smtp.Client;

/// <summary>What all attempts of one client share.</summary>
public sealed record ClientEnvironment
{
    public required SmtpClientOptions Options { get; init; }

    /// <summary>The clock for all waits.</summary>
    public required TimeProvider Time { get; init; }

    public required ILoggerFactory Loggers { get; init; }

    /// <summary>Hears what comes of TLS; null: nobody does.</summary>
    public ITlsSessions? TlsSessions { get; init; }

    /// <summary>Whom to believe that a certificate is a host's; null: those whom the system believes.</summary>
    public X509Certificate2Collection? Roots { get; init; }
}
