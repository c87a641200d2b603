using FullStack.Auth.Backends;
using FullStack.Auth.Throttling;

namespace FullStack.Auth;

/// <summary>A login that has named itself and still has to prove it.</summary>
/// <param name="Attempt">As the throttle sees it.</param>
/// <param name="Names">Whom it names.</param>
/// <param name="Found">What the password is checked with; null where there is nothing, which must not show before the end.</param>
internal sealed record LoginClaim(LoginAttempt Attempt, LoginNames Names, FoundCredential? Found)
{
    /// <summary>The stored secret; null where there is none, or the back-end checks passwords itself.</summary>
    public string? Stored => Found?.Credential.Stored;
}
