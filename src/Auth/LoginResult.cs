namespace FullStack.Auth;

/// <summary>How an attempt to log in ended.</summary>
public enum LoginOutcome
{
    Accepted,

    /// <summary>Unknown user or wrong password: which of them is not told.</summary>
    Refused,

    /// <summary>The password was not checked: the directory cannot be asked now, or too many attempts from the client's network wait.</summary>
    Unavailable,

    /// <summary>The password was right once, and counts no more.</summary>
    Expired,

    /// <summary>The client is who it says, and may not act as whom it wants to.</summary>
    NotAuthorized,

    /// <summary>The client is who it says, and an administrator keeps the account from logging in, or from logging in to this.</summary>
    KeptOut,
}

/// <summary>The end of an attempt to log in.</summary>
/// <param name="Outcome">Whether it succeeded.</param>
/// <param name="Account">The account's address, lower case; null unless accepted.</param>
public readonly record struct LoginResult(LoginOutcome Outcome, string? Account)
{
    /// <summary>The host, perhaps with a port, to which the accepted account has moved; null: it is here.</summary>
    public string? MovedTo { get; init; }
}
