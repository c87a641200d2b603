using System.Collections.Concurrent;
using System.Diagnostics.CodeAnalysis;
using System.Net;
using System.Net.Security;
using FullStack.Dns;

namespace FullStack.Server.Acme;

/// <summary>What the server shows an authority while it asks for a certificate, and to nobody before or after.</summary>
internal sealed class PendingChallenges(TimeProvider time)
{
    /// <summary>Where an authority looks for it by HTTP (RFC 8555 §8.3); the token follows.</summary>
    public const string PathPrefix = "/.well-known/acme-challenge/";

    private readonly ConcurrentDictionary<string, string> _texts = new(StringComparer.Ordinal);
    private readonly ConcurrentDictionary<string, SslStreamCertificateContext> _certificates = new(StringComparer.OrdinalIgnoreCase);

    /// <summary>Whether an authority may knock by TLS now.</summary>
    public bool ExpectsHandshake => !_certificates.IsEmpty;

    /// <summary>The text at a path; null: there is none.</summary>
    public string? TextAt(string path)
        => path.StartsWith(PathPrefix, StringComparison.Ordinal) ? _texts.GetValueOrDefault(path[PathPrefix.Length..]) : null;

    /// <summary>The certificate that answers a challenge.</summary>
    public bool TryGetCertificate(string name, [NotNullWhen(true)] out SslStreamCertificateContext? certificate) => _certificates.TryGetValue(name, out certificate);

    /// <summary>Whether a token is one: letters and digits of base64url, so that nothing else gets into a path (RFC 8555 §8.3).</summary>
    public static bool IsToken(string text)
        => text.Length is > 0 and <= 256 && text.AsSpan().IndexOfAnyExcept("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_") < 0;

    /// <summary>Shows the answer to a challenge until what is returned is disposed of.</summary>
    /// <param name="kind">How.</param>
    /// <param name="name">The host name or address that is to be proved.</param>
    /// <param name="token">The challenge's.</param>
    /// <param name="authorization">What answers it.</param>
    public IDisposable Publish(ChallengeKind kind, string name, string token, string authorization)
    {
        if (kind == ChallengeKind.Http)
        {
            _texts[token] = authorization;
            return new Published(() => _texts.TryRemove(token, out _));
        }

        // Of an address its reverse name is asked for (RFC 8738 §6).
        string asked = IPAddress.TryParse(name, out IPAddress? ip) ? ReverseName.Of(ip).TrimEnd('.') : name;
        _certificates[asked] = ChallengeCertificate.Make(name, authorization, time.GetUtcNow());
        return new Published(() => _certificates.TryRemove(asked, out _));
    }

    private sealed class Published(Action withdraw) : IDisposable
    {
        public void Dispose() => withdraw();
    }
}
