using System.Diagnostics.CodeAnalysis;
using System.Text;
using FullStack.Smtp.Grammar;
using FullStack.Smtp.Server;

namespace FullStack.Smtp.Commands;

/// <summary>The parameters of MAIL.</summary>
/// <remarks>SIZE: RFC 1870 §6. BODY: RFC 6152. SMTPUTF8: RFC 6531 §3.4. AUTH: RFC 4954 §5.</remarks>
internal sealed record MailParameters
{
    public static MailParameters None { get; } = new();

    /// <summary>The message's size as declared; beyond what a long holds, the largest long.</summary>
    public long? Octets { get; init; }

    public BodyType? Body { get; init; }
    public bool SmtpUtf8 { get; init; }

    /// <summary>A reply for each recipient is asked for, and one for all (draft-hall-prdr-00).</summary>
    public bool EachRecipient { get; init; }

    /// <summary>AUTH= was given. Its value is not kept: this host trusts nobody to say who first submitted a message (RFC 4954 §5).</summary>
    public bool Submitter { get; init; }

    public static bool TryRead(ref SmtpReader reader, [NotNullWhen(true)] out MailParameters? parameters)
    {
        MailParameters read = None;
        parameters = null;
        while (!reader.TryReadEnd())
        {
            if (!reader.TryReadParameter(out SmtpParameter parameter))
                return false;
            if (read.With(parameter, out SmtpReply? refusal) is not { } next)
                return reader.Refuse(refusal!);
            read = next;
        }

        parameters = read;
        return true;
    }

    private MailParameters? With(SmtpParameter parameter, out SmtpReply? refusal)
    {
        refusal = null;
        if (parameter.Is("SIZE"u8))
            return Once(Octets is null, ReadSize(parameter.Value) is { } octets ? this with { Octets = octets } : null, ref refusal);
        if (parameter.Is("BODY"u8))
            return Once(Body is null, ReadBody(parameter.Value, ref refusal) is { } body ? this with { Body = body } : null, ref refusal);
        if (parameter.Is("SMTPUTF8"u8))
            return Once(!SmtpUtf8, parameter.HasValue ? null : this with { SmtpUtf8 = true }, ref refusal);
        if (parameter.Is("PRDR"u8))
            return Once(!EachRecipient, parameter.HasValue ? null : this with { EachRecipient = true }, ref refusal);
        if (parameter.Is("AUTH"u8))
            return Once(!Submitter, IsXtext(parameter.Value) ? this with { Submitter = true } : null, ref refusal);
        refusal = SmtpReply.UnknownParameter;
        return null;
    }

    private static MailParameters? Once(bool first, MailParameters? value, ref SmtpReply? refusal)
    {
        if (!first)
            refusal = SmtpReply.DuplicateParameter;
        else if (value is null)
            refusal ??= SmtpReply.BadParameterValue;
        return first ? value : null;
    }

    // size-value ::= 1*20DIGIT
    private static long? ReadSize(ReadOnlySpan<byte> value)
    {
        SmtpReader reader = new(value);
        return reader.TryReadNumber(out long octets) && reader.TryReadEnd() ? octets : null;
    }

    private static BodyType? ReadBody(ReadOnlySpan<byte> value, ref SmtpReply? refusal)
    {
        if (Ascii.EqualsIgnoreCase(value, "7BIT"u8))
            return BodyType.SevenBit;
        if (Ascii.EqualsIgnoreCase(value, "8BITMIME"u8))
            return BodyType.EightBitMime;
        if (Ascii.EqualsIgnoreCase(value, "BINARYMIME"u8))
            refusal = SmtpReply.UnknownParameter; // RFC 3030 is not offered
        return null;
    }

    // xtext = *( xchar / "+" 2HEXDIGUPPER ), RFC 3461 §4
    private static bool IsXtext(ReadOnlySpan<byte> value)
    {
        for (int i = 0; i < value.Length; i++)
        {
            if (value[i] is < 0x21 or > 0x7E or (byte)'=')
                return false;
            if (value[i] != '+')
                continue;
            if (i + 2 >= value.Length || !char.IsAsciiHexDigitUpper((char)value[i + 1]) || !char.IsAsciiHexDigitUpper((char)value[i + 2]))
                return false;
            i += 2;
        }

        return !value.IsEmpty;
    }
}
