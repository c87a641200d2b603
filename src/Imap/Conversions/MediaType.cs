using System.Text;
using FullStack.Mime;

namespace FullStack.Imap.Conversions;

/// <summary>A media type, or a pattern for some: <c>*</c>, <c>text/*</c>.</summary>
/// <remarks>RFC 5259 §10: mime-type-req, concrete-mime-type; type-name RFC 4288 §4.2.</remarks>
/// <param name="Type">In lower case; <c>*</c> for any.</param>
/// <param name="Subtype">In lower case; <c>*</c> for any.</param>
internal readonly record struct MediaType(string Type, string Subtype)
{
    /// <summary>Longest type-name (RFC 4288 §4.2).</summary>
    private const int MaxNameOctets = 127;

    private const string Any = "*";

    public static MediaType Plain { get; } = new("text", "plain");
    public static MediaType Html { get; } = new("text", "html");

    /// <summary>What a whole message is.</summary>
    public static MediaType Message { get; } = new("message", "rfc822");

    /// <summary>What a header alone is (RFC 3462 §2).</summary>
    public static MediaType Header { get; } = new("text", "rfc822-headers");

    /// <summary>Whether it names one type only.</summary>
    public bool IsConcrete => Type != Any && Subtype != Any;

    /// <summary>The type of a part; one whose name cannot be written in an answer counts as octets that nobody knows.</summary>
    public static MediaType Of(ContentType type)
        => TryParse(Encoding.Latin1.GetBytes($"{type.Type}/{type.Subtype}"), out MediaType parsed) && parsed.IsConcrete ? parsed : new("application", "octet-stream");

    /// <summary>"*" / type-name "/" "*" / type-name "/" subtype-name</summary>
    public static bool TryParse(ReadOnlySpan<byte> text, out MediaType type)
    {
        type = new(Any, Any);
        if (text.SequenceEqual("*"u8))
            return true;
        int slash = text.IndexOf((byte)'/');
        if (slash < 0 || !IsName(text[..slash]) || (!IsName(text[(slash + 1)..]) && !text[(slash + 1)..].SequenceEqual("*"u8)))
            return false;
        type = new(Encoding.ASCII.GetString(text[..slash]).ToLowerInvariant(), Encoding.ASCII.GetString(text[(slash + 1)..]).ToLowerInvariant());
        return true;
    }

    /// <summary>Whether a type is this one, or one that this pattern means.</summary>
    public bool Matches(MediaType type) => (Type == Any || Type == type.Type) && (Subtype == Any || Subtype == type.Subtype);

    public override string ToString() => $"{Type}/{Subtype}";

    /// <summary>type-name = 1*127reg-name-chars: letters, digits, and <c>! # $ &amp; . + - ^ _</c></summary>
    private static bool IsName(ReadOnlySpan<byte> name)
        => name.Length is > 0 and <= MaxNameOctets && !name.ContainsAnyExcept("!#$&.+-^_0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"u8);
}
