namespace FullStack.Auth.Tokens;

/// <summary>Whose tokens let in, and as whom (OAUTHBEARER and XOAUTH2).</summary>
/// <remarks>A token is checked by the issuer's keys, of a file or an address, or by asking the issuer (RFC 7662). Without any of these nobody logs in by token.</remarks>
public sealed class TokenOptions
{
    /// <summary>Who has to have made the token: its claim <c>iss</c>.</summary>
    public string Issuer { get; init; } = "";

    /// <summary>Whom it has to be for: one of these is in its claim <c>aud</c>. Else a token that was made for any other service would do.</summary>
    public IReadOnlyList<string> Audiences { get; init; } = [];

    /// <summary>The claim that names the account.</summary>
    public string UserClaim { get; init; } = "email";

    /// <summary>What has to be in the claim <c>scope</c>; empty: nothing.</summary>
    public string Scope { get; init; } = "";

    /// <summary>By how much the issuer's clock may differ from this one's.</summary>
    public TimeSpan Leeway { get; init; } = TimeSpan.FromMinutes(1);

    /// <summary>A file with the issuer's keys (RFC 7517 §5); empty: none.</summary>
    public string KeyFile { get; init; } = "";

    /// <summary>Where the issuer publishes its keys; null: nowhere.</summary>
    public Uri? KeyAddress { get; init; }

    /// <summary>How long fetched keys are taken for the issuer's before they are fetched again.</summary>
    public TimeSpan KeyLifetime { get; init; } = TimeSpan.FromHours(1);

    /// <summary>Where the issuer says whether a token counts (RFC 7662); null: it is not asked.</summary>
    public Uri? Introspection { get; init; }

    /// <summary>What this server calls itself when it asks; empty: nothing.</summary>
    public string IntrospectionUser { get; init; } = "";

    /// <summary>A file with the password for that.</summary>
    public string IntrospectionSecretFile { get; init; } = "";

    /// <summary>How long what the issuer said of a token that counts is taken for granted, at most as long as the token itself lasts; zero: it is asked each time.</summary>
    public TimeSpan IntrospectionLifetime { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>Where clients whose token is refused can learn how to get one (RFC 7628 §3.2.2); null: they are not told.</summary>
    public Uri? Discovery { get; init; }

    /// <summary>Whether there is a way to check a token.</summary>
    public bool IsUsed => KeyFile.Length > 0 || KeyAddress is not null || Introspection is not null;
}
