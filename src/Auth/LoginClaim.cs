using FullStack.Auth.Backends;
using FullStack.Auth.Factors;
using FullStack.Auth.Passwords;
using FullStack.Auth.Sasl;
using FullStack.Auth.Throttling;

namespace FullStack.Auth;

/// <summary>A login that has named itself and still has to prove it.</summary>
/// <param name="Attempt">As the throttle sees it.</param>
/// <param name="Names">Whom it names.</param>
/// <param name="Connection">Where it comes from, and to what.</param>
/// <param name="Found">What the password is checked with; null where there is nothing, which must not show before the end.</param>
/// <param name="Factors">What the account has beside its password.</param>
internal sealed record LoginClaim(LoginAttempt Attempt, LoginNames Names, SaslConnection Connection, FoundCredential? Found, AccountFactors Factors)
{
    /// <summary>The stored secret that lets in by itself; null where there is none, the back-end checks passwords itself, or a code has to come with it.</summary>
    public string? Stored => Factors.NeedsCode ? null : Found?.Credential.Stored;

    /// <summary>What is another value once other passwords are right.</summary>
    public string? PasswordVersion => Factors.NeedsCode ? Found?.Version + " with a code" : Found?.Version;

    /// <summary>What SCRAM can be proved with: the account's own verifier, and those of its passwords for single programs that have the same salt, which is told before the proof comes.</summary>
    public IReadOnlyList<ScramVerifier> VerifiersFor(ScramHash hash, DateTimeOffset now)
    {
        List<ScramVerifier> verifiers = [];
        if (Stored is { } stored && PasswordHash.FindVerifier(stored, hash) is { } own)
            verifiers.Add(own);
        if (hash != ScramHash.Sha256)
            return verifiers;
        foreach (AppPassword app in Factors.AppPasswords)
        {
            if (app.IsGood(Connection.Service, now) && app.FindVerifier() is { } verifier && (verifiers.Count == 0 || verifiers[0].HasSaltOf(verifier)))
                verifiers.Add(verifier);
        }

        return verifiers;
    }
}
