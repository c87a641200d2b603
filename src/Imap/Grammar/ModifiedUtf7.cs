using System.Diagnostics.CodeAnalysis;
using System.Text;

namespace FullStack.Imap.Grammar;

/// <summary>The encoding of mailbox names in IMAP4rev1: printable ASCII as it is, the rest as UTF-16 in a base64 of its own.</summary>
/// <remarks>RFC 3501 §5.1.3. Each name has exactly one encoding; every other one is refused, so two spellings never name one mailbox.</remarks>
internal static class ModifiedUtf7
{
    private const string Alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+,";

    /// <summary>Encodes text. Its surrogates must be in pairs.</summary>
    public static string Encode(ReadOnlySpan<char> text)
    {
        StringBuilder encoded = new(text.Length + 8);
        while (!text.IsEmpty)
        {
            if (IsPrintable(text[0]))
            {
                encoded.Append(text[0]);
                if (text[0] == '&')
                    encoded.Append('-');
                text = text[1..];
                continue;
            }

            int run = 1;
            while (run < text.Length && !IsPrintable(text[run]))
                run++;
            AppendShifted(encoded, text[..run]);
            text = text[run..];
        }

        return encoded.ToString();
    }

    /// <summary>Decodes a name; false unless it is the very encoding that <see cref="Encode"/> gives.</summary>
    public static bool TryDecode(ReadOnlySpan<byte> encoded, [NotNullWhen(true)] out string? text)
    {
        text = null;
        StringBuilder decoded = new(encoded.Length);
        for (int i = 0; i < encoded.Length; i++)
        {
            if (encoded[i] != (byte)'&')
            {
                if (!IsPrintable((char)encoded[i]))
                    return false;
                decoded.Append((char)encoded[i]);
                continue;
            }

            int end = encoded[(i + 1)..].IndexOf((byte)'-');
            if (end < 0 || !TryAppendUnshifted(decoded, encoded.Slice(i + 1, end)))
                return false;
            i += end + 1;
        }

        string result = decoded.ToString();
        // One comparison finds every other spelling there is: ASCII in base64, adjacent shifts, bits left over.
        if (!HasPairedSurrogates(result) || !Ascii.Equals(encoded, Encode(result)))
            return false;
        text = result;
        return true;
    }

    private static bool IsPrintable(char c) => c is >= ' ' and <= '~';

    private static void AppendShifted(StringBuilder encoded, ReadOnlySpan<char> run)
    {
        encoded.Append('&');
        uint bits = 0;
        int count = 0;
        foreach (char c in run)
        {
            bits = (bits << 16) | c;
            for (count += 16; count >= 6; count -= 6)
                encoded.Append(Alphabet[(int)(bits >> (count - 6)) & 63]);
        }

        if (count > 0)
            encoded.Append(Alphabet[(int)(bits << (6 - count)) & 63]);
        encoded.Append('-');
    }

    private static bool TryAppendUnshifted(StringBuilder decoded, ReadOnlySpan<byte> base64)
    {
        if (base64.IsEmpty)
        {
            decoded.Append('&');
            return true;
        }

        uint bits = 0;
        int count = 0;
        foreach (byte octet in base64)
        {
            int value = Alphabet.IndexOf((char)octet, StringComparison.Ordinal);
            if (value < 0)
                return false;
            bits = (bits << 6) | (uint)value;
            count += 6;
            if (count >= 16)
            {
                count -= 16;
                decoded.Append((char)(ushort)(bits >> count));
            }
        }

        return true;
    }

    private static bool HasPairedSurrogates(string text)
    {
        for (int i = 0; i < text.Length; i++)
        {
            if (!char.IsSurrogate(text[i]))
                continue;
            if (!char.IsHighSurrogate(text[i]) || i + 1 == text.Length || !char.IsLowSurrogate(text[i + 1]))
                return false;
            i++;
        }

        return true;
    }
}
