using System.Diagnostics.CodeAnalysis;
using System.Security.Cryptography;
using System.Text;
using FullStack.Auth.Passwords;

namespace FullStack.Auth.Sasl;

/// <summary>CRAM-MD5: the client answers a challenge with its name and a keyed digest. Works for passwords that are stored in the clear.</summary>
/// <remarks>RFC 2195 §2. Old, and no protection once somebody listens and the password is weak: for clients that know nothing better.</remarks>
internal sealed class CramMd5Exchange(Authenticator authenticator, SaslConnection connection, string? challenge = null) : ISaslExchange
{
    public const string Name = "CRAM-MD5";

    private readonly string _challenge = challenge ?? authenticator.NewTimestamp();
    private bool _asked;

    public string Mechanism => Name;
    public bool ClientFirst => false;

    public async ValueTask<SaslStep> NextAsync(ReadOnlyMemory<byte> response, CancellationToken ct)
    {
        if (!_asked)
        {
            _asked = true;
            return response.IsEmpty ? new SaslStep.Challenge(Encoding.ASCII.GetBytes(_challenge)) : new SaslStep.Malformed();
        }

        if (!TryParse(response.Span, out string? identity, out byte[]? digest))
            return new SaslStep.Malformed();
        if (await authenticator.BeginAsync("", identity, connection, ct) is not { } claim)
            return new SaslStep.Finished(new(LoginOutcome.Unavailable, null), identity);
        return new SaslStep.Finished(await authenticator.ProveAsync(claim, () => IsRight(claim, digest), ct), identity);
    }

    private bool IsRight(LoginClaim claim, byte[] digest)
    {
        bool isKnown = PasswordHash.TryGetPlain(claim.Stored ?? "", out string? password);
#pragma warning disable CA5351 // what the mechanism is made of
        byte[] right = HMACMD5.HashData(Encoding.UTF8.GetBytes(password ?? "nobody's"), Encoding.ASCII.GetBytes(_challenge));
#pragma warning restore CA5351
        return CryptographicOperations.FixedTimeEquals(right, digest) && isKnown;
    }

    /// <summary>The name may hold spaces; the digest is what follows the last one, in hexadecimal.</summary>
    private static bool TryParse(ReadOnlySpan<byte> response, [NotNullWhen(true)] out string? identity, [NotNullWhen(true)] out byte[]? digest)
    {
        (identity, digest) = (null, null);
        int space = response.LastIndexOf((byte)' ');
        if (space < 1 || response.Length - space - 1 != HMACMD5.HashSizeInBytes * 2 || !SaslText.TryDecode(response[..space], out identity))
            return false;
        byte[] octets = new byte[HMACMD5.HashSizeInBytes];
        if (Convert.FromHexString(Encoding.ASCII.GetString(response[(space + 1)..]), octets, out _, out _) != System.Buffers.OperationStatus.Done)
            return false;
        digest = octets;
        return true;
    }
}
