namespace FullStack.Smtp;

/// <summary>Where a failure to deliver is reported: the argument of MAIL FROM.</summary>
/// <remarks>RFC 5321 §4.1.2 <c>Reverse-path</c>. A source route is not kept (RFC 5321 §4.1.1.3, Appendix C).</remarks>
public sealed record ReversePath
{
    private ReversePath(MailboxAddress? address) => Address = address;

    public ReversePath(string localPart, string domain)
        : this(new MailboxAddress(localPart, domain))
    {
    }

    /// <summary><c>&lt;&gt;</c>: nobody wants to hear of failures, as with bounces (RFC 5321 §4.5.5).</summary>
    public static ReversePath Null { get; } = new((MailboxAddress?)null);

    /// <summary>Null for the null path.</summary>
    public MailboxAddress? Address { get; }

    public bool IsNull => Address is null;

    public static ReversePath To(MailboxAddress address) => new(address);

    public override string ToString() => $"<{Address}>";
}

/// <summary>One destination: the argument of RCPT TO.</summary>
/// <remarks>RFC 5321 §4.1.2 <c>Forward-path</c>. A source route is not kept.</remarks>
public sealed record ForwardPath(MailboxAddress Address)
{
    public ForwardPath(string localPart, string domain)
        : this(new MailboxAddress(localPart, domain))
    {
    }

    /// <summary><c>&lt;postmaster&gt;</c> without domain: the postmaster of this host (RFC 5321 §4.1.1.3).</summary>
    public bool IsBarePostmaster => Address.Domain.Length == 0;

    public override string ToString() => $"<{Address}>";
}
