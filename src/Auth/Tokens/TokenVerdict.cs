namespace FullStack.Auth.Tokens;

/// <summary>What is thought of a token.</summary>
/// <param name="Outcome">Whether it counts; <see cref="LoginOutcome.Unavailable"/> where it could not be checked now.</param>
/// <param name="User">Whom it names; null unless it counts.</param>
internal readonly record struct TokenVerdict(LoginOutcome Outcome, string? User)
{
    public static TokenVerdict Refused => new(LoginOutcome.Refused, null);

    public static TokenVerdict Unavailable => new(LoginOutcome.Unavailable, null);
}
