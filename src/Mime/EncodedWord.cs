using System.Buffers.Text;
using System.Text;

namespace FullStack.Mime;

/// <summary><c>=?charset*language?B|Q?text?=</c> (RFC 2047 §2, language RFC 2231 §5).</summary>
internal readonly ref struct EncodedWord
{
    // RFC 2047 §2 allows 75 octets; real mail has whole subjects in one word. The bound keeps the search for an end linear.
    private const int LongestWord = 8192;

    private readonly ReadOnlySpan<byte> _text;

    private EncodedWord(Encoding encoding, bool base64, ReadOnlySpan<byte> text, int length)
    {
        Encoding = encoding;
        IsBase64 = base64;
        _text = text;
        Length = length;
    }

    public Encoding Encoding { get; }

    /// <summary>Whether its text is in the B encoding, else in Q.</summary>
    public bool IsBase64 { get; }

    /// <summary>Its octets in the value.</summary>
    public int Length { get; }

    /// <summary>Reads the word at which a value begins; false where there is none, or its charset is unknown.</summary>
    public static bool TryRead(ReadOnlySpan<byte> value, out EncodedWord word)
    {
        word = default;
        if (!value.StartsWith("=?"u8))
            return false;
        ReadOnlySpan<byte> rest = value[2..Math.Min(value.Length, LongestWord)];
        int charsetEnd = rest[..Math.Min(rest.Length, 80)].IndexOf((byte)'?');
        if (charsetEnd < 1 || rest.Length < charsetEnd + 5 || rest[charsetEnd + 2] != '?')
            return false;
        bool base64 = rest[charsetEnd + 1] is (byte)'B' or (byte)'b';
        if (!base64 && rest[charsetEnd + 1] is not ((byte)'Q' or (byte)'q'))
            return false;

        ReadOnlySpan<byte> text = rest[(charsetEnd + 3)..];
        int textEnd = text.IndexOf("?="u8);
        if (textEnd < 0)
            return false;
        ReadOnlySpan<byte> charset = rest[..charsetEnd];
        int language = charset.IndexOf((byte)'*');
        if (Charsets.Find(language < 0 ? charset : charset[..language]) is not { } encoding)
            return false;

        word = new EncodedWord(encoding, base64, text[..textEnd], 2 + charsetEnd + 3 + textEnd + 2);
        return true;
    }

    public void AppendTo(List<byte> octets)
    {
        if (IsBase64)
            AppendBase64(octets);
        else
            AppendQ(octets);
    }

    private void AppendBase64(List<byte> octets)
    {
        Base64Decoder decoder = new();
        byte[] decoded = new byte[Base64.GetMaxDecodedFromUtf8Length(_text.Length + 4)];
        int length = decoder.Decode(_text, decoded);
        octets.AddRange(decoded.AsSpan(0, length + decoder.Finish(decoded.AsSpan(length))));
    }

    private void AppendQ(List<byte> octets)
    {
        for (int i = 0; i < _text.Length; i++)
        {
            if (_text[i] == '=' && i + 2 < _text.Length && HexDigits.TryRead(_text[i + 1], _text[i + 2], out byte octet))
            {
                octets.Add(octet);
                i += 2;
            }
            else
            {
                octets.Add(_text[i] == '_' ? (byte)' ' : _text[i]);
            }
        }
    }
}
