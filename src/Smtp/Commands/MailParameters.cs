using System.Diagnostics.CodeAnalysis;
using System.Text;
using FullStack.Smtp.Grammar;
using FullStack.Smtp.Server;

namespace FullStack.Smtp.Commands;

/// <summary>The parameters of MAIL.</summary>
/// <remarks>
/// SIZE: RFC 1870 §6. BODY: RFC 6152, RFC 3030 §3. SMTPUTF8: RFC 6531 §3.4. PRDR: draft-hall-prdr-00, where LMTP has its replies anyway. RET, ENVID: RFC 3461 §4.3,
/// §4.4. BY: RFC 2852 §4. HOLDFOR, HOLDUNTIL: RFC 4865 §3. MT-PRIORITY: RFC 6710 §3. REQUIRETLS: RFC 8689 §2. SOLICIT: RFC 3865 §2.3. TRANSID: RFC 1845 §2. AUTH: RFC 4954 §5; its value is not kept, for this host trusts nobody to say who first submitted a message.
/// </remarks>
internal sealed record MailParameters : CommandParameters
{
    public static ParameterTable<MailParameters> Table { get; } = new(
        new("SIZE", "SIZE=octets", Always, static (read, parameter) => ReadSize(parameter.Value) is { } octets ? read with { Octets = octets } : null),
        new("BODY", "BODY=7BIT|8BITMIME|BINARYMIME", Always, static (read, parameter) => ReadBody(parameter.Value) is { } body ? read with { Body = body } : null),
        new("SMTPUTF8", "SMTPUTF8", Always, static (read, parameter) => parameter.HasValue ? null : read with { SmtpUtf8 = true }),
        new("PRDR", "PRDR", static session => session.Server.Role is SmtpRole.Relay or SmtpRole.Submission,
            static (read, parameter) => parameter.HasValue ? null : read with { EachRecipient = true }),
        new("AUTH", "AUTH=address", static session => session.Server.Role == SmtpRole.Submission,
            static (read, parameter) => Xtext.IsValid(parameter.Value) ? read : null),
        new("RET", "RET=FULL|HDRS", Always, static (read, parameter) => DsnGrammar.ReadReturn(parameter.Value) is { } part ? read with { Return = part } : null),
        new("ENVID", "ENVID=text", Always,
            static (read, parameter) => DsnGrammar.ReadEnvelopeId(parameter.Value) is { } id ? read with { EnvelopeId = id } : null),
        new("BY", "BY=seconds;N|R[T]", Always,
            static (read, parameter) => TermGrammar.ReadDeliverBy(parameter.Value) is { } term ? read with { DeliverBy = term } : null),
        new("HOLDFOR", "HOLDFOR=seconds", SmtpExtension.MayHold,
            static (read, parameter) => read.Hold is null && TermGrammar.ReadHoldFor(parameter.Value) is { } hold ? read with { Hold = hold } : null),
        new("HOLDUNTIL", "HOLDUNTIL=date-time", SmtpExtension.MayHold,
            static (read, parameter) => read.Hold is null && TermGrammar.ReadHoldUntil(parameter.Value) is { } hold ? read with { Hold = hold } : null),
        new("MT-PRIORITY", "MT-PRIORITY=-9..9", Always,
            static (read, parameter) => TermGrammar.ReadPriority(parameter.Value) is { } priority ? read with { Priority = priority } : null),
        new("REQUIRETLS", "REQUIRETLS", static session => session.Peer.Tls is not null,
            static (read, parameter) => parameter.HasValue ? null : read with { RequireTls = true }),
        new("SOLICIT", "SOLICIT=classes", static session => session.Server.Options.Extensions.NoSoliciting.Count > 0,
            static (read, parameter) => Solicitation.Read(parameter.Value) is { } classes ? read with { Solicitations = classes } : null),
        new("TRANSID", "TRANSID=<local@domain>", SmtpExtension.MayCheckpoint,
            static (read, parameter) => TransactionGrammar.IsTransaction(parameter.Value) ? read with { Transaction = Encoding.ASCII.GetString(parameter.Value) } : null),
        new("XVERP", "XVERP[=+=]", SmtpExtension.MayVaryIn, static (read, parameter) => ReadVerp(parameter) is { } verp ? read with { Verp = verp } : null));

    private static MailParameters None { get; } = new();

    /// <summary>The message's size as declared; beyond what a long holds, the largest long.</summary>
    public long? Octets { get; init; }

    public BodyType Body { get; init; }
    public bool SmtpUtf8 { get; init; }

    /// <summary>A reply for each recipient is asked for, and one for all.</summary>
    public bool EachRecipient { get; init; }

    public DsnReturn? Return { get; init; }

    public string? EnvelopeId { get; init; }

    public DeliverByTerm? DeliverBy { get; init; }

    public HoldTerm? Hold { get; init; }

    /// <summary>As asked for; null where nothing was.</summary>
    public int? Priority { get; init; }

    public bool RequireTls { get; init; }

    /// <summary>Commas between them; empty: none.</summary>
    public string Solicitations { get; init; } = "";

    public VerpDelimiters? Verp { get; init; }

    /// <summary>The client's name for the transaction, which it may go on with after an interruption; null: none.</summary>
    public string? Transaction { get; init; }

    public MessageDsn Dsn => Return is null && EnvelopeId is null ? MessageDsn.Default : new(Return, EnvelopeId);

    public static bool TryRead(ref SmtpReader reader, [NotNullWhen(true)] out MailParameters? parameters) => Table.TryRead(ref reader, None, out parameters);

    private static bool Always(SmtpSession session) => true;

    // size-value ::= 1*20DIGIT
    private static long? ReadSize(ReadOnlySpan<byte> value)
    {
        SmtpReader reader = new(value);
        return reader.TryReadNumber(out long octets) && reader.TryReadEnd() ? octets : null;
    }

    // As Postfix has it: two of "+", "-" and "="
    private static VerpDelimiters? ReadVerp(SmtpParameter parameter)
    {
        if (!parameter.HasValue)
            return VerpDelimiters.Default;
        return parameter.Value is [(byte)'+' or (byte)'-' or (byte)'=', (byte)'+' or (byte)'-' or (byte)'=']
            ? new((char)parameter.Value[0], (char)parameter.Value[1])
            : null;
    }

    private static BodyType? ReadBody(ReadOnlySpan<byte> value)
    {
        if (Ascii.EqualsIgnoreCase(value, "7BIT"u8))
            return BodyType.SevenBit;
        if (Ascii.EqualsIgnoreCase(value, "8BITMIME"u8))
            return BodyType.EightBitMime;
        return Ascii.EqualsIgnoreCase(value, "BINARYMIME"u8) ? BodyType.BinaryMime : null;
    }
}
