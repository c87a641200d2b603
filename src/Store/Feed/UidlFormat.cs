using System.Buffers;
using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using FullStack.Store.Takeover;

namespace FullStack.Store.Feed;

/// <summary>
/// How POP3 names of messages are made of what is known of them, as Dovecot's <c>pop3_uidl_format</c> in its versions 1 and 2 says it: <c>%u</c> UID,
/// <c>%v</c> UIDVALIDITY, <c>%f</c> file name, <c>%g</c> GUID, <c>%%</c>; before a number's letter <c>0</c> for leading zeros, a width, and <c>X</c> for
/// hexadecimal; before any of them <c>M</c> for the MD5 of it.
/// </summary>
public sealed class UidlFormat
{
    /// <summary>What Dovecot does unless told otherwise.</summary>
    public const string Dovecot = "%08Xu%08Xv";

    /// <summary>How Courier makes a name of two numbers.</summary>
    public const string Courier = "UID%u-%v";

    private const int MaxDigits = 10;
    private static readonly SearchValues<char> HexDigits = SearchValues.Create("0123456789abcdef");

    private readonly List<Part> _parts = [];

    private UidlFormat(string text) => Text = text;

    /// <summary>The format as it was written.</summary>
    public string Text { get; }

    /// <summary>
    /// Whether no two messages of an account can ever have one name: by number only together with the UIDVALIDITY, for UIDs begin anew with it.
    /// Other formats can tell what names a former server gave, and give none themselves.
    /// </summary>
    public bool IsForGood => Has('f') || Has('g') || (Has('u') && Has('v'));

    /// <summary>Reads a format; false where it has what cannot be followed (<c>%m</c>, spaces), or nothing that tells messages apart.</summary>
    public static bool TryParse(string text, [NotNullWhen(true)] out UidlFormat? format)
    {
        format = null;
        UidlFormat made = new(text);
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
        format = made.Has('u') || made.Has('f') || made.Has('g') ? made : null;
        return format is not null;
    }

    /// <summary>The name that a message has.</summary>
    /// <param name="message">What a list says of the message.</param>
    /// <param name="uidValidity">The mailbox's UIDVALIDITY.</param>
    /// <param name="baseName">Base of the message's file name.</param>
    internal string Spell(FormerMessage message, uint uidValidity, string baseName)
    {
        StringBuilder uidl = new();
        foreach (Part part in _parts)
        {
            uidl.Append(part.Variable switch
            {
                'u' => part.Spell(message.Uid),
                'v' => part.Spell(uidValidity),
                'f' => part.Spell(baseName),
                'g' => part.Spell(message.Guid ?? baseName),
                _ => part.Literal.ToString(),
            });
        }

        return uidl.ToString();
    }

    /// <summary>Whether the name could be one that this format makes of some UID under a UIDVALIDITY. Names of files, and digests, come up once only.</summary>
    internal bool CouldSpell(ReadOnlySpan<char> name, uint uidValidity) => CouldSpell(name, 0, uidValidity);

    private bool CouldSpell(ReadOnlySpan<char> name, int at, uint uidValidity)
    {
        if (at == _parts.Count)
            return name.IsEmpty;
        Part part = _parts[at];
        if (part.Variable is 'f' or 'g' || part.Digest)
            return false;
        if (part.Variable != 'u')
        {
            string text = part.Variable == 'v' ? part.Spell(uidValidity) : part.Literal.ToString();
            return name.StartsWith(text, StringComparison.Ordinal) && CouldSpell(name[text.Length..], at + 1, uidValidity);
        }

        for (int length = Math.Max(part.Width, 1); length <= name.Length && length <= Math.Max(part.Width, MaxDigits); length++)
        {
            if (!name[..length].TrimStart(' ').ContainsAnyExcept(HexDigits) && CouldSpell(name[length..], at + 1, uidValidity))
                return true;
        }

        return false;
    }

    private bool Has(char variable) => _parts.Exists(part => part.Variable == variable);

    private bool TryReadVariable(string text, ref int at)
    {
        bool zeros = at < text.Length && text[at] == '0';
        int width = 0;
        while (at < text.Length && char.IsAsciiDigit(text[at]) && width < 10)
            width = width * 10 + (text[at++] - '0');
        bool hex = TakeLetter(text, 'X', ref at);
        bool digest = TakeLetter(text, 'M', ref at);
        if (at == text.Length || width > 20 || (digest && (zeros || hex || width > 0)))
            return false;
        char variable = text[at++];
        bool plain = !zeros && !hex && width == 0;
        if (variable == '%' && plain && !digest)
            _parts.Add(new('%'));
        else if (variable is 'u' or 'v' || (variable is 'f' or 'g' && plain))
            _parts.Add(new('\0') { Variable = variable, Zeros = zeros, Width = width, Hex = hex, Digest = digest });
        else
            return false;
        return true;
    }

    private static bool TakeLetter(string text, char letter, ref int at)
    {
        bool isThere = at < text.Length && text[at] == letter;
        at += isThere ? 1 : 0;
        return isThere;
    }

    private readonly record struct Part(char Literal)
    {
        public char Variable { get; init; }
        public bool Zeros { get; init; }
        public int Width { get; init; }
        public bool Hex { get; init; }
        public bool Digest { get; init; }

        public string Spell(uint number)
            => Spell(number.ToString(Hex ? "x" : "d", CultureInfo.InvariantCulture).PadLeft(Width, Zeros ? '0' : ' '));

        public string Spell(string text) => Digest ? DigestOf(text) : text;

        [SuppressMessage("Security", "CA5351:Do Not Use Broken Cryptographic Algorithms", Justification = "Names that Dovecot gave are to be given again; nothing is kept safe by them.")]
        private static string DigestOf(string text) => Convert.ToHexStringLower(MD5.HashData(Encoding.Latin1.GetBytes(text)));
    }
}
