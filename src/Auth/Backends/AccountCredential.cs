namespace FullStack.Auth.Backends;

/// <summary>What a password is checked with.</summary>
public sealed record AccountCredential
{
    /// <summary>The stored form, in one of those of <see cref="Passwords.PasswordHash"/>; null: the back-end checks passwords itself.</summary>
    public string? Stored { get; init; }

    /// <summary>Where the back-end checks passwords itself, something that becomes another value with another password; null: there is nothing like that, so that no right password is remembered.</summary>
    public string? Stamp { get; init; }

    /// <summary>The account, as far as the same question answered that too.</summary>
    public DirectoryUser? User { get; init; }

    /// <summary>Whether <see cref="User"/> is all that there is to know of the account.</summary>
    public bool IsWholeUser { get; init; } = true;
}

/// <summary>A credential, and who has it.</summary>
/// <param name="Source">Null: the built-in directory.</param>
/// <param name="Credential">What counts.</param>
internal sealed record FoundCredential(GuardedBackend? Source, AccountCredential Credential)
{
    /// <summary>What is another value once the password is another.</summary>
    public string? Version => Credential.Stored ?? Credential.Stamp;
}
