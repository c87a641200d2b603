using System.Buffers.Text;
using System.Text;

namespace FullStack.Mime;

/// <summary>RFC 2047 encoded words.</summary>
public static class EncodedWords
{
    // RFC 2047 §2 allows 75 octets; real mail has whole subjects in one word. The bound keeps the search for an end linear.
    private const int LongestWord = 8192;

    /// <summary>Decodes an unfolded header value; unknown charsets and broken words stay as they are.</summary>
    /// <remarks>
    /// Words of one charset side by side are decoded together: senders split characters between them, against RFC 2047 §5.
    /// Blanks inside a word, likewise forbidden, are taken as text. Raw 8-bit is UTF-8, else Windows-1252.
    /// </remarks>
    public static string Decode(ReadOnlySpan<byte> value)
    {
        int next = value.IndexOf("=?"u8);
        if (next < 0)
            return Charsets.DecodeUnlabelled(value);

        StringBuilder text = new(value.Length);
        WordRun run = new(text);
        int plain = 0;
        while (next >= 0)
        {
            int start = plain + next;
            while (start < value.Length && !EncodedWord.TryRead(value[start..], LongestWord, out _))
            {
                int further = value[(start + 1)..].IndexOf("=?"u8);
                start = further < 0 ? value.Length : start + 1 + further;
            }

            if (start == value.Length)
                break;
            EncodedWord.TryRead(value[start..], LongestWord, out EncodedWord word);
            ReadOnlySpan<byte> between = value[plain..start];
            // White space between two encoded words is not displayed (RFC 2047 §6.2).
            if (!run.Any || between.ContainsAnyExcept(" \t\r\n"u8))
            {
                run.Flush();
                text.Append(Charsets.DecodeUnlabelled(between));
            }

            run.Add(word);
            plain = start + word.Length;
            next = value[plain..].IndexOf("=?"u8);
        }

        run.Flush();
        text.Append(Charsets.DecodeUnlabelled(value[plain..]));
        return text.ToString();
    }

    /// <summary>Encodes text as RFC 2047 words in UTF-8 where it needs it; ASCII stays as it is. Words are 75 characters at most.</summary>
    /// <remarks>For unstructured fields (RFC 2047 §5 (1)). Blanks between words are where a header may be folded.</remarks>
    public static string Encode(string text)
    {
        if (IsPlain(text))
            return text;

        // From the first to the last word that needs it: blanks between encoded words would not be displayed.
        string[] words = text.Split(' ');
        int first = Array.FindIndex(words, word => !IsPlain(word));
        int last = Array.FindLastIndex(words, word => !IsPlain(word));
        string middle = EncodeAll(string.Join(' ', words[first..(last + 1)]));
        return string.Join(' ', [.. words[..first], middle, .. words[(last + 1)..]]);
    }

    /// <summary>Encodes all of a text, also where it is ASCII.</summary>
    internal static string EncodeAll(string text)
    {
        const string prefix = "=?utf-8?B?";
        const int mostOctets = (75 - 12) / 4 * 3;
        byte[] octets = Encoding.UTF8.GetBytes(text);
        StringBuilder encoded = new();
        for (int start = 0; start < octets.Length;)
        {
            int end = Math.Min(start + mostOctets, octets.Length);
            while (end < octets.Length && (octets[end] & 0xC0) == 0x80)
                end--; // No character is split between words (RFC 2047 §5).
            encoded.Append(encoded.Length > 0 ? " " : "").Append(prefix).Append(Convert.ToBase64String(octets, start, end - start)).Append("?=");
            start = end;
        }

        return encoded.ToString();
    }

    private static bool IsPlain(string text)
        => !text.AsSpan().ContainsAnyExceptInRange(' ', '~') && !text.Contains("=?", StringComparison.Ordinal);

    /// <summary>Neighbouring words, decoded together as long as their charset is one.</summary>
    private sealed class WordRun(StringBuilder text)
    {
        private readonly List<byte> _octets = [];
        private Encoding? _encoding;

        public bool Any { get; private set; }

        public void Add(EncodedWord word)
        {
            if (_encoding is not null && _encoding.CodePage != word.Encoding.CodePage)
                Decode();
            _encoding = word.Encoding;
            Any = true;
            word.AppendTo(_octets);
        }

        public void Flush()
        {
            Decode();
            Any = false;
        }

        private void Decode()
        {
            if (_encoding is not null)
                text.Append(_encoding.GetString(System.Runtime.InteropServices.CollectionsMarshal.AsSpan(_octets)));
            _octets.Clear();
            _encoding = null;
        }
    }

    /// <summary><c>=?charset*language?B|Q?text?=</c> (RFC 2047 §2, language RFC 2231 §5).</summary>
    private readonly ref struct EncodedWord
    {
        private readonly ReadOnlySpan<byte> _text;
        private readonly bool _base64;

        private EncodedWord(Encoding encoding, bool base64, ReadOnlySpan<byte> text, int length)
        {
            Encoding = encoding;
            _base64 = base64;
            _text = text;
            Length = length;
        }

        public Encoding Encoding { get; }

        public int Length { get; }

        public static bool TryRead(ReadOnlySpan<byte> value, int most, out EncodedWord word)
        {
            word = default;
            ReadOnlySpan<byte> rest = value[2..Math.Min(value.Length, most)];
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
            if (_base64)
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
}
