using System.Text;

namespace FullStack.Mime;

/// <summary>RFC 2047 encoded words.</summary>
public static class EncodedWords
{
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
            EncodedWord word = default;
            while (start < value.Length && !EncodedWord.TryRead(value[start..], out word))
            {
                int further = value[(start + 1)..].IndexOf("=?"u8);
                start = further < 0 ? value.Length : start + 1 + further;
            }

            if (start == value.Length)
                break;
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
}
