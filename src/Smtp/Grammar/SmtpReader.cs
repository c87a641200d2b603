using System.Buffers;
using System.Diagnostics.CodeAnalysis;
using System.Text;
using FullStack.Smtp.Server;

namespace FullStack.Smtp.Grammar;

/// <summary>Reads the arguments of one command line. Each <c>TryRead</c> consumes on success and otherwise leaves the position.</summary>
/// <remarks>RFC 5321 §4.1.2, with the characters beyond ASCII of RFC 6531 §3.3. The line is valid UTF-8 without controls.</remarks>
internal ref struct SmtpReader(ReadOnlySpan<byte> line)
{
    /// <summary>Leniency: <c>MAIL FROM: &lt;a@b&gt;</c>, which RFC 5321 §3.3 forbids and mailers of thirty years send.</summary>
    private const bool AllowSpaceBeforePath = true;

    /// <summary>Leniency: Postfix writes <c>XVERP=+=</c>, though a value has no equals sign.</summary>
    private static ReadOnlySpan<byte> EqualsSignKeyword => "XVERP"u8;

    private const byte Space = (byte)' ';

    private static readonly SearchValues<byte> KeywordOctets
        = SearchValues.Create("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-"u8);

    private const int MaxDigits = 20;

    private readonly ReadOnlySpan<byte> _line = line;

    /// <summary>Where reading stands, in octets from the start of the line.</summary>
    public int Position { get; private set; }

    /// <summary>The answer to a command whose arguments do not parse, where it is another one than 501.</summary>
    public SmtpReply? Refusal { get; private set; }

    private readonly ReadOnlySpan<byte> Rest => _line[Position..];

    /// <summary>Notes how a failure is answered; the first one stands.</summary>
    /// <returns>False, so that a rule may end in it.</returns>
    public bool Refuse(SmtpReply reply)
    {
        Refusal ??= reply;
        return false;
    }

    /// <summary>The verb: letters up to a space or the end. Other octets make it unknown, so they are taken too.</summary>
    public ReadOnlySpan<byte> ReadVerb()
    {
        int length = Rest.IndexOf(Space);
        ReadOnlySpan<byte> verb = length < 0 ? Rest : Rest[..length];
        Position += verb.Length;
        return verb;
    }

    /// <summary>Exactly these octets, ASCII case ignored.</summary>
    public bool TryReadKeyword(ReadOnlySpan<byte> keyword)
    {
        if (Rest.Length < keyword.Length || !Ascii.EqualsIgnoreCase(Rest[..keyword.Length], keyword))
            return false;
        Position += keyword.Length;
        return true;
    }

    public bool TryReadSpace()
    {
        if (Rest.IsEmpty || Rest[0] != Space)
            return false;
        Position++;
        return true;
    }

    /// <summary>Nothing follows but white space, which receivers should tolerate (RFC 5321 §4.1.1).</summary>
    public bool TryReadEnd()
    {
        if (Rest.ContainsAnyExcept(Space, (byte)'\t'))
            return false;
        Position = _line.Length;
        return true;
    }

    /// <summary>Everything up to the end, as text; empty where nothing follows.</summary>
    public string ReadText()
    {
        string text = Encoding.UTF8.GetString(Rest).Trim();
        Position = _line.Length;
        return text;
    }

    /// <summary>1*20DIGIT; beyond what a long holds, the largest long.</summary>
    public bool TryReadNumber(out long number)
    {
        int length = Rest.IndexOfAnyExceptInRange((byte)'0', (byte)'9');
        ReadOnlySpan<byte> digits = length < 0 ? Rest : Rest[..length];
        number = 0;
        if (digits.Length is 0 or > MaxDigits)
            return false;
        if (!long.TryParse(digits, out number))
            number = long.MaxValue;
        Position += digits.Length;
        return true;
    }

    /// <summary>A run of octets up to a space or the end, at least one, all of them printable ASCII.</summary>
    public bool TryReadToken(out ReadOnlySpan<byte> token)
    {
        int length = Rest.IndexOfAnyExceptInRange((byte)0x21, (byte)0x7E);
        token = length < 0 ? Rest : Rest[..length];
        Position += token.Length;
        return !token.IsEmpty;
    }

    /// <summary><c>Reverse-path = Path / "&lt;&gt;"</c></summary>
    public bool TryReadReversePath([NotNullWhen(true)] out ReversePath? path)
    {
        int start = Position;
        SkipSpaceBeforePath();
        if (TryReadKeyword("<>"u8))
            path = ReversePath.Null;
        else
            path = TryReadPath(SmtpReply.BadSenderAddress, out MailboxAddress? address) ? ReversePath.To(address) : null;
        return path is not null || Back(start);
    }

    /// <summary><c>Forward-path = Path</c>, or <c>&lt;postmaster&gt;</c> in any case (RFC 5321 §4.1.1.3).</summary>
    public bool TryReadForwardPath([NotNullWhen(true)] out ForwardPath? path)
    {
        int start = Position;
        SkipSpaceBeforePath();
        if (TryReadKeyword("<postmaster>"u8))
            path = new ForwardPath("postmaster", "");
        else
            path = TryReadPath(SmtpReply.BadRecipientAddress, out MailboxAddress? address) ? new(address) : null;
        return path is not null || Back(start);
    }

    /// <summary><c>SP esmtp-keyword ["=" esmtp-value]</c></summary>
    public bool TryReadParameter(out SmtpParameter parameter)
    {
        parameter = default;
        int start = Position;
        while (TryReadSpace())
        {
            // More than one space between parameters does no harm.
        }

        int length = Rest.IndexOfAnyExcept(KeywordOctets);
        ReadOnlySpan<byte> name = length < 0 ? Rest : Rest[..length];
        if (Position == start || name.IsEmpty || name[0] == '-')
            return Back(start);
        Position += name.Length;
        ReadOnlySpan<byte> value = default;
        bool hasValue = TryReadKeyword("="u8);
        if (hasValue && !TryReadValue(Ascii.EqualsIgnoreCase(name, EqualsSignKeyword), out value))
            return Back(start);
        parameter = new(name, value, hasValue);
        return Rest.IsEmpty || Rest[0] is Space or (byte)'\t' || Back(start);
    }

    /// <summary>The argument of HELO and EHLO.</summary>
    /// <param name="name">As written.</param>
    /// <param name="isValid">It is a domain or an address literal by the grammar.</param>
    /// <remarks>
    /// RFC 5321 §4.1.4: a server must not refuse mail because the name does not check out. Machines call themselves all
    /// kinds of things, so anything printable passes that could not be mistaken for syntax; trace fields show it only where valid.
    /// </remarks>
    public bool TryReadHelloName([NotNullWhen(true)] out string? name, out bool isValid)
    {
        name = null;
        int start = Position;
        isValid = AddressGrammar.LengthOfDomainOrLiteral(Rest) is var length && length > 0 && (Rest.Length == length || Rest[length] is Space or (byte)'\t');
        Position = start;
        if (!TryReadToken(out ReadOnlySpan<byte> token) || token.Length > AddressGrammar.MaxDomainOctets || token.ContainsAny("()<>\"\\,;@"u8))
            return Back(start);
        name = Encoding.ASCII.GetString(token);
        return true;
    }

    private bool Back(int position)
    {
        Position = position;
        return false;
    }

    private void SkipSpaceBeforePath()
    {
        while (AllowSpaceBeforePath && TryReadSpace())
        {
        }
    }

    private bool TryReadPath(EnhancedStatus ifBad, [NotNullWhen(true)] out MailboxAddress? address)
    {
        PathFault fault = AddressGrammar.ReadPath(Rest, out int length, out address);
        if (fault == PathFault.None)
            Position += length;
        else
            Refuse(fault == PathFault.TooLong ? SmtpReply.PathTooLong(ifBad) : SmtpReply.MalformedPath(ifBad, Position + length));
        return address is not null;
    }

    private bool TryReadValue(bool allowEqualsSign, out ReadOnlySpan<byte> value)
    {
        // esmtp-value = 1*(%d33-60 / %d62-126 / UTF8-non-ascii)
        int length = 0;
        while (length < Rest.Length && Rest[length] is > 0x20 and not 0x7F && (allowEqualsSign || Rest[length] != '='))
            length++;
        value = Rest[..length];
        Position += length;
        return length > 0;
    }
}

/// <summary>One parameter of MAIL or RCPT.</summary>
internal readonly ref struct SmtpParameter(ReadOnlySpan<byte> name, ReadOnlySpan<byte> value, bool hasValue)
{
    public ReadOnlySpan<byte> Value { get; } = value;

    /// <summary>An equals sign followed the name.</summary>
    public bool HasValue { get; } = hasValue;

    private ReadOnlySpan<byte> Name { get; } = name;

    public bool Is(ReadOnlySpan<byte> keyword) => Ascii.EqualsIgnoreCase(Name, keyword);
}
