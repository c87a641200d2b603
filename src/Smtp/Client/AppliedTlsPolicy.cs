namespace FullStack.Smtp.Client;

/// <summary>Where a policy about TLS comes from.</summary>
public enum TlsPolicyKind
{
    /// <summary>Nowhere: TLS is taken where it is offered.</summary>
    None,

    /// <summary>RFC 8461.</summary>
    Sts,

    /// <summary>RFC 7672.</summary>
    Tlsa,
}

/// <summary>The policy under which a connection to a host is made: what reports about it say.</summary>
/// <param name="Subject">The domain that is told.</param>
/// <param name="Kind">Where the policy comes from.</param>
/// <param name="Domain">Whose policy it is: that domain, or with DANE the host whose records were found (RFC 8460 §3).</param>
public sealed record AppliedTlsPolicy(string Subject, TlsPolicyKind Kind, string Domain)
{
    /// <summary>The policy itself: lines of it, or its records.</summary>
    public IReadOnlyList<string> Text { get; init; } = [];

    /// <summary>The patterns of hosts in it.</summary>
    public IReadOnlyList<string> Hosts { get; init; } = [];

    /// <summary>What is wrong before anybody connects; each connection is told of as that. Null: nothing.</summary>
    public TlsFinding? Objection { get; init; }

    /// <summary>The policy is only being tried out: the certificate is judged as if it had to be valid, and the message sent whatever comes of it (RFC 8461 §5).</summary>
    public bool IsRehearsal { get; init; }
}
