using FullStack.Auth.Passwords;

namespace FullStack.Auth.Sasl;

/// <summary>What a mechanism needs to have stored of a password.</summary>
internal enum SecretNeed
{
    /// <summary>Any form that a password can be checked against, or no password at all.</summary>
    Any,

    /// <summary>The verifier of its own hash, or the password.</summary>
    Verifier,

    /// <summary>The password.</summary>
    Plain,
}

/// <summary>One mechanism as the table has it.</summary>
/// <param name="Name">As registered with IANA.</param>
/// <param name="Need">What has to be stored.</param>
/// <param name="Start">Begins an exchange.</param>
internal sealed record SaslMechanism(string Name, SecretNeed Need, Func<Authenticator, SaslConnection, ISaslExchange> Start)
{
    /// <summary>It sends the password itself, or what is as good: wanted under TLS only.</summary>
    public bool SendsSecret { get; init; }

    /// <summary>It binds the login to the TLS connection.</summary>
    public bool Binds { get; init; }

    /// <summary>Whether there is what it needs: something configured, or shown by the client.</summary>
    public Func<Authenticator, SaslConnection, bool> IsPossible { get; init; } = static (_, _) => true;

    /// <summary>The hash, of a SCRAM mechanism.</summary>
    public ScramHash? Hash { get; init; }

    /// <summary>Whether a stored form serves it.</summary>
    /// <param name="scheme">Upper case, with braces; empty for a bare hash.</param>
    public bool IsServedBy(string scheme)
        => Need == SecretNeed.Any || scheme is "{PLAIN}" or "{CLEAR}" or "{CLEARTEXT}" || (Need == SecretNeed.Verifier && scheme == $"{{{Hash!.Name}}}");
}
