namespace FullStack.Smtp;

/// <summary>What the sender declared the message to hold.</summary>
public enum BodyType
{
    /// <summary>Lines of ASCII. Nobody checks, here as elsewhere: what comes is kept octet for octet.</summary>
    SevenBit,

    /// <summary>Octets above 127 within lines (RFC 6152).</summary>
    EightBitMime,

    /// <summary>Any octets, in lines only where they happen to be (RFC 3030 §3).</summary>
    BinaryMime,
}

/// <summary>What the client hears when the message is in.</summary>
public enum RepliesAfterData
{
    /// <summary>One reply for all recipients.</summary>
    One,

    /// <summary>One for each recipient, in order (LMTP, RFC 2033 §4.2).</summary>
    EachRecipient,

    /// <summary>One for each recipient, and one for all (PRDR, draft-hall-prdr-00).</summary>
    EachAndAll,

    /// <summary>None about recipients: the program that sent it has ended. What fails comes back as a notice.</summary>
    None,
}

/// <summary>Where a recipient's copy goes; what it holds is known to the policy that made it and the sink that follows it.</summary>
public abstract record Route;

/// <summary>One accepted recipient.</summary>
/// <param name="Path">As the client named it.</param>
/// <param name="Route">Where its copy goes.</param>
public sealed record Recipient(ForwardPath Path, Route Route)
{
    /// <summary>What the sender wants to be told of this recipient, and under which name.</summary>
    public RecipientDsn Dsn { get; init; } = RecipientDsn.Default;

    /// <summary>The message is only for whoever has had the address without a break since then (RFC 7293); null: for whoever has it.</summary>
    public DateTimeOffset? ValidSince { get; init; }

    /// <summary>The sender allows that a host which does not know <see cref="ValidSince"/> gets the message all the same (RFC 7293, <c>;C</c>).</summary>
    public bool ValidSinceMayLapse { get; init; }
}

/// <summary>Sender and recipients of one message.</summary>
/// <remarks>RFC 5321 §2.3.1.</remarks>
public sealed class Envelope(ReversePath sender)
{
    private readonly List<Recipient> _recipients = [];

    public ReversePath Sender { get; } = sender;

    public IReadOnlyList<Recipient> Recipients => _recipients;

    public BodyType Body { get; init; }

    /// <summary>Addresses and header may hold UTF-8 (RFC 6531).</summary>
    public bool SmtpUtf8 { get; init; }

    /// <summary>The message's size as the client declared it, in octets; 0 where it did not (RFC 1870 §5).</summary>
    public long DeclaredOctets { get; init; }

    /// <summary>What notices of this message are to hold.</summary>
    public MessageDsn Dsn { get; init; } = MessageDsn.Default;

    /// <summary>When it must have been delivered; null: when it can be.</summary>
    public DeliverBy? DeliverBy { get; init; }

    /// <summary>It is not to be delivered or relayed before this time (RFC 4865); null: at once.</summary>
    public DateTimeOffset? HoldUntil { get; init; }

    /// <summary>How the sender put <see cref="HoldUntil"/>, for the field Future-Release-Request of notices (RFC 4865 §5.1.2): <c>for;3600</c> or <c>until;…</c>.</summary>
    public string? HoldRequest { get; init; }

    /// <summary>From -9 to 9, most urgent last (RFC 6710).</summary>
    public int Priority { get; init; }

    /// <summary>It may travel only over TLS with a verified host that promises the same (RFC 8689).</summary>
    public bool RequireTls { get; init; }

    /// <summary>The header says <c>TLS-Required: No</c>: policies that other domains have for TLS are to be passed over (RFC 8689 §4.2.2). Known once
    /// the header has come, so before the intake is committed; never with <see cref="RequireTls"/>.</summary>
    public bool TlsOptional { get; private set; }

    /// <summary>Classes that the sender says the message belongs to, separated by commas (RFC 3865); empty: none. They go along to the next host.</summary>
    public string Solicitations { get; init; } = "";

    /// <summary>How each recipient is to have a sender address of its own; null: all have the same.</summary>
    public VerpDelimiters? Verp { get; init; }

    /// <summary>The largest message that its sender may send, in octets.</summary>
    public long MaxOctets { get; init; } = long.MaxValue;

    /// <summary>Fields of the header that its recipients do not see (Bcc), whole lines; known once the header has come.</summary>
    public ReadOnlyMemory<byte> HiddenFields { get; internal set; }

    /// <summary>What the client is to hear when the message is in.</summary>
    public RepliesAfterData Replies { get; init; }

    /// <summary>
    /// Why its copies for accounts of this host go to Junk and not to INBOX; null where they do not. It may be set until the message is complete:
    /// a sink looks at it when it commits.
    /// </summary>
    public string? Quarantine { get; set; }

    public void Add(Recipient recipient) => _recipients.Add(recipient);

    /// <summary>Notes <c>TLS-Required: No</c>, which says nothing where the envelope requires TLS (RFC 8689 §4.1).</summary>
    public void NoteTlsOptional() => TlsOptional = !RequireTls;
}
