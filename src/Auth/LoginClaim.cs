using FullStack.Auth.Throttling;

namespace FullStack.Auth;

/// <summary>A login that has named itself and still has to prove it.</summary>
/// <param name="Attempt">As the throttle sees it.</param>
/// <param name="Names">Whom it names.</param>
/// <param name="Stored">The stored secret that counts; null where there is none, which must not show before the end.</param>
internal sealed record LoginClaim(LoginAttempt Attempt, LoginNames Names, string? Stored);
