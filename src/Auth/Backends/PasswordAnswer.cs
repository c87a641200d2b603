namespace FullStack.Auth.Backends;

/// <summary>What a back-end says of a password that it checked.</summary>
public enum PasswordAnswer
{
    Wrong,
    Right,

    /// <summary>It is right, and it or the account counts no more.</summary>
    Expired,
}
