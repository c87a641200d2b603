using System.Collections.Frozen;
using System.Text;

namespace FullStack.Mime;

/// <summary>Charsets by their MIME names.</summary>
/// <remarks>Decoding replaces what is invalid by U+FFFD and never throws.</remarks>
public static class Charsets
{
    private const int LongestName = 40;
    private const string UsAscii = "us-ascii";

    // What mail calls X is in practice its superset Y: senders label Windows text as ISO 8859-1 or ASCII, GBK as GB 2312.
    private static readonly FrozenDictionary<string, string> Supersets = new Dictionary<string, string>(StringComparer.OrdinalIgnoreCase)
    {
        ["ascii"] = UsAscii, ["ansi_x3.4-1968"] = UsAscii, ["ansi_x3.4-1986"] = UsAscii, ["iso646-us"] = UsAscii,
        ["iso_646.irv:1991"] = UsAscii, ["us"] = UsAscii, ["iso-ir-6"] = UsAscii, ["cp367"] = UsAscii, ["ibm367"] = UsAscii,
        ["csascii"] = UsAscii,
        ["iso-8859-1"] = "windows-1252", ["iso8859-1"] = "windows-1252", ["iso_8859-1"] = "windows-1252", ["8859-1"] = "windows-1252",
        ["latin1"] = "windows-1252", ["latin-1"] = "windows-1252", ["l1"] = "windows-1252", ["cp1252"] = "windows-1252",
        ["cp-1252"] = "windows-1252", ["iso-8859-1-windows-3.1-latin-1"] = "windows-1252", ["iso-8859-8-i"] = "windows-1255",
        ["iso-8859-9"] = "windows-1254", ["latin5"] = "windows-1254", ["iso8859-15"] = "iso-8859-15", ["latin-9"] = "iso-8859-15",
        ["iso8859-2"] = "iso-8859-2", ["latin2"] = "iso-8859-2", ["cp1250"] = "windows-1250", ["cp1251"] = "windows-1251",
        ["cp-1251"] = "windows-1251", ["win-1251"] = "windows-1251", ["cp1254"] = "windows-1254", ["cp866"] = "ibm866",
        ["utf8"] = "utf-8", ["utf-8-mac"] = "utf-8", ["unicode-1-1-utf-8"] = "utf-8", ["cp65001"] = "utf-8",
        ["gb2312"] = "gb18030", ["gb_2312-80"] = "gb18030", ["gbk"] = "gb18030", ["x-gbk"] = "gb18030", ["cp936"] = "gb18030",
        ["euc-cn"] = "gb18030", ["x-euc-cn"] = "gb18030", ["hz"] = "hz-gb-2312", ["big5-hkscs"] = "big5", ["x-big5"] = "big5",
        ["cp950"] = "big5", ["ks_c_5601-1987"] = "ks_c_5601-1987", ["euc-kr"] = "ks_c_5601-1987", ["euckr"] = "ks_c_5601-1987",
        ["cp949"] = "ks_c_5601-1987", ["uhc"] = "ks_c_5601-1987", ["sjis"] = "shift_jis", ["shift-jis"] = "shift_jis",
        ["x-sjis"] = "shift_jis", ["cp932"] = "shift_jis", ["windows-31j"] = "shift_jis", ["ms_kanji"] = "shift_jis",
        ["eucjp"] = "euc-jp", ["x-euc-jp"] = "euc-jp", ["iso-2022-jp-1"] = "iso-2022-jp", ["iso-2022-jp-2"] = "iso-2022-jp",
        ["tis-620"] = "windows-874", ["iso-8859-11"] = "windows-874", ["utf-16"] = "utf-16be", ["ucs-2"] = "utf-16be",
    }.ToFrozenDictionary(StringComparer.OrdinalIgnoreCase);

    /// <summary>Text of no known charset, or said to be ASCII: UTF-8 (RFC 6532), octets that are none as Windows-1252.</summary>
    public static Encoding Unlabelled { get; } = Encoding.GetEncoding("utf-8", EncoderFallback.ReplacementFallback, new Windows1252Fallback());

    internal static Encoding Windows1252 { get; } = CodePagesEncodingProvider.Instance.GetEncoding(1252)!;

    /// <summary>The encoding for a charset name (IANA names, aliases, and misspellings of real mail); null where unknown.</summary>
    public static Encoding? Find(ReadOnlySpan<byte> name)
    {
        ReadOnlySpan<byte> trimmed = name.Trim(" \t\"'"u8);
        return Ascii.EqualsIgnoreCase(trimmed, "utf-8"u8) ? Encoding.UTF8 // what most are
            : trimmed.Length is 0 or > LongestName || !Ascii.IsValid(trimmed) ? null : Find(Encoding.ASCII.GetString(trimmed));
    }

    /// <inheritdoc cref="Find(ReadOnlySpan{byte})"/>
    public static Encoding? Find(string name)
    {
        if (name.Length is 0 or > LongestName)
            return null;
        string canonical = Supersets.GetValueOrDefault(name, name);
        if (canonical.Equals(UsAscii, StringComparison.OrdinalIgnoreCase))
            return Unlabelled;
        if (canonical.Equals("utf-8", StringComparison.OrdinalIgnoreCase))
            return Encoding.UTF8;
        try
        {
            return CodePagesEncodingProvider.Instance.GetEncoding(canonical) ?? Encoding.GetEncoding(canonical);
        }
        catch (Exception e) when (e is ArgumentException or NotSupportedException)
        {
            return null; // The framework has no lookup that does not throw; UTF-7 is among what it refuses.
        }
    }

    /// <summary>
    /// The encoding to write a text in: exactly the charset of that name, with no character outside it, and one in which lines end as in ASCII
    /// (RFC 2046 §4.1.1). Null where there is none.
    /// </summary>
    /// <param name="name">Its MIME name, or an alias.</param>
    /// <param name="fallback">What becomes of characters that the charset lacks.</param>
    public static Encoding? FindTarget(string name, EncoderFallback fallback)
    {
        if (Find(name) is not { } readAs || readAs.GetBytes("\r\n") is not [(byte)'\r', (byte)'\n'])
            return null; // unknown, or UTF-16, EBCDIC and the like
        int codePage = readAs == Unlabelled ? Encoding.ASCII.CodePage : ExactCodePage(name) ?? readAs.CodePage;
        return CodePagesEncodingProvider.Instance.GetEncoding(codePage, fallback, DecoderFallback.ReplacementFallback)
            ?? Encoding.GetEncoding(codePage, fallback, DecoderFallback.ReplacementFallback);
    }

    /// <summary>The code page of a name that is read as a superset.</summary>
    private static int? ExactCodePage(string name)
    {
        if (Supersets.GetValueOrDefault(name) is not { } superset)
            return null;
        return superset switch
        {
            "windows-1252" when !name.StartsWith("cp", StringComparison.OrdinalIgnoreCase) => Encoding.Latin1.CodePage,
            "windows-1254" when !name.StartsWith("cp", StringComparison.OrdinalIgnoreCase) => 28599,
            "windows-1255" => 28598,
            _ => null,
        };
    }

    /// <summary>A whole text of no known charset: UTF-8 where all of it is, else Windows-1252, in which any octet is a character.</summary>
    public static string DecodeUnlabelled(ReadOnlySpan<byte> octets)
        => System.Text.Unicode.Utf8.IsValid(octets) ? Encoding.UTF8.GetString(octets) : Windows1252.GetString(octets);
}
