using System.Text;

namespace FullStack.Mime;

/// <summary>One parameter of a header field. <paramref name="Value"/> holds the octets as Latin-1 characters, quotes and escapes removed.</summary>
/// <param name="Name">As written; a name that ends in <c>*</c> has a value in RFC 2231 §4's <c>charset'language'text</c> form.</param>
public sealed record MimeParameter(string Name, string Value)
{
    /// <summary>The first parameter of that name as text, be it plain or extended (RFC 2231 §4); null where absent.</summary>
    internal static string? Find(IReadOnlyList<MimeParameter> parameters, string name)
    {
        string? plain = null;
        foreach (MimeParameter parameter in parameters)
        {
            if (parameter.Name.Length == name.Length + 1 && parameter.Name[^1] == '*'
                && parameter.Name.StartsWith(name, StringComparison.OrdinalIgnoreCase))
                return DecodeExtended(parameter.Value);
            if (plain is null && parameter.Name.Equals(name, StringComparison.OrdinalIgnoreCase))
                plain = parameter.Value;
        }

        return plain is null ? null : EncodedWords.Decode(Encoding.Latin1.GetBytes(plain));
    }

    /// <summary>The first parameter of that name with its octets as Latin-1, undecoded where it is plain; null where absent.</summary>
    internal static string? FindRaw(IReadOnlyList<MimeParameter> parameters, string name)
    {
        foreach (MimeParameter parameter in parameters)
        {
            if (parameter.Name.Equals(name, StringComparison.OrdinalIgnoreCase))
                return parameter.Value;
        }

        return Find(parameters, name);
    }

    private static string DecodeExtended(string value)
    {
        ReadExtended(value, out string charset, out _, out byte[] octets);
        return Charsets.Find(Encoding.Latin1.GetBytes(charset)) is { } encoding ? encoding.GetString(octets) : Charsets.DecodeUnlabelled(octets);
    }

    /// <summary>Takes an extended value apart: <c>charset'language'text</c> with its percent signs decoded; what has no quotes is all text.</summary>
    internal static void ReadExtended(string value, out string charset, out string language, out byte[] octets)
    {
        int charsetEnd = value.IndexOf('\'');
        int languageEnd = charsetEnd < 0 ? -1 : value.IndexOf('\'', charsetEnd + 1);
        ReadOnlySpan<char> encoded = languageEnd < 0 ? value : value.AsSpan(languageEnd + 1);
        charset = languageEnd < 0 ? "" : value[..charsetEnd];
        language = languageEnd < 0 ? "" : value[(charsetEnd + 1)..languageEnd];

        octets = new byte[encoded.Length];
        int length = 0;
        for (int i = 0; i < encoded.Length; i++)
        {
            if (encoded[i] == '%' && i + 2 < encoded.Length && char.IsAsciiHexDigit(encoded[i + 1]) && char.IsAsciiHexDigit(encoded[i + 2]))
            {
                octets[length++] = (byte)(Convert.ToInt32(new string(encoded.Slice(i + 1, 2)), 16));
                i += 2;
            }
            else
            {
                octets[length++] = (byte)encoded[i];
            }
        }

        Array.Resize(ref octets, length);
    }
}
