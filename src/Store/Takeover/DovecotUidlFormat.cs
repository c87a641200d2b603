using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using System.Text;

namespace FullStack.Store.Takeover;

/// <summary>
/// Dovecot's <c>pop3_uidl_format</c> as its versions 1 and 2 spell it: <c>%u</c> UID, <c>%v</c> UIDVALIDITY, <c>%f</c> file name,
/// <c>%g</c> GUID, <c>%%</c>; before a number's letter <c>0</c> for leading zeros, a width, and <c>X</c> for hexadecimal.
/// </summary>
public sealed class DovecotUidlFormat
{
    private readonly List<Part> _parts = [];

    private DovecotUidlFormat()
    {
    }

    /// <summary>Reads a format; false where it has what cannot be followed (<c>%m</c>, spaces), or nothing that tells messages apart.</summary>
    public static bool TryParse(string text, [NotNullWhen(true)] out DovecotUidlFormat? format)
    {
        format = null;
        DovecotUidlFormat made = new();
        for (int at = 0; at < text.Length;)
        {
            char c = text[at++];
            if (c is < '!' or > '~')
                return false;
            if (c != '%')
                made._parts.Add(new(c));
            else if (!made.TryReadVariable(text, ref at))
                return false;
        }

        // Without UID, file name or GUID all messages would have one name.
        format = made._parts.Exists(static part => part.Variable is 'u' or 'f' or 'g') ? made : null;
        return format is not null;
    }

    /// <summary>The UIDL that Dovecot gave to a message.</summary>
    /// <param name="message">What its list says of the message.</param>
    /// <param name="uidValidity">The mailbox's UIDVALIDITY.</param>
    /// <param name="baseName">Base of the message's file name.</param>
    internal string Spell(FormerMessage message, uint uidValidity, string baseName)
    {
        StringBuilder uidl = new();
        foreach (Part part in _parts)
        {
            switch (part.Variable)
            {
                case 'u':
                    uidl.Append(part.Spell(message.Uid));
                    break;
                case 'v':
                    uidl.Append(part.Spell(uidValidity));
                    break;
                case 'f':
                    uidl.Append(baseName);
                    break;
                case 'g':
                    uidl.Append(message.Guid ?? baseName);
                    break;
                default:
                    uidl.Append(part.Literal);
                    break;
            }
        }

        return uidl.ToString();
    }

    private bool TryReadVariable(string text, ref int at)
    {
        bool zeros = at < text.Length && text[at] == '0';
        int width = 0;
        while (at < text.Length && char.IsAsciiDigit(text[at]) && width < 10)
            width = width * 10 + (text[at++] - '0');
        bool hex = at < text.Length && text[at] == 'X';
        if (hex)
            at++;
        if (at == text.Length || width > 20)
            return false;
        char variable = text[at++];
        bool plain = !zeros && !hex && width == 0;
        if (variable == '%' && plain)
            _parts.Add(new('%'));
        else if (variable is 'u' or 'v' || (variable is 'f' or 'g' && plain))
            _parts.Add(new('\0') { Variable = variable, Zeros = zeros, Width = width, Hex = hex });
        else
            return false;
        return true;
    }

    private readonly record struct Part(char Literal)
    {
        public char Variable { get; init; }
        public bool Zeros { get; init; }
        public int Width { get; init; }
        public bool Hex { get; init; }

        public string Spell(uint number)
            => number.ToString(Hex ? "x" : "d", CultureInfo.InvariantCulture).PadLeft(Width, Zeros ? '0' : ' ');
    }
}
