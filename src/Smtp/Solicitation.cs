using System.Buffers;
using System.Text;

namespace FullStack.Smtp;

/// <summary>Classes by which senders say what they want of the recipients, such as <c>org.example:ADV</c>.</summary>
/// <remarks>RFC 3865 §2.2: a domain with its labels the other way round, a colon, and a word that the domain's owner gave a meaning.</remarks>
public static class Solicitation
{
    /// <summary>RFC 3865 §2.2: octets of all classes of a message together.</summary>
    private const int MaxOctets = 1000;

    private static readonly SearchValues<byte> s_word = SearchValues.Create(
        "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789.-_:"u8);

    /// <summary><c>word = ALPHA *wordchar</c></summary>
    public static bool IsClass(string text)
        => text.Length is > 0 and <= MaxOctets && Ascii.IsValid(text) && IsWord(Encoding.ASCII.GetBytes(text));

    /// <summary><c>Solicitation-keywords = word 0*("," word)</c>, blanks around the words left out.</summary>
    /// <returns>The words with a comma between each two; null where malformed or too long.</returns>
    internal static string? Read(ReadOnlySpan<byte> text)
    {
        if (text.Length > MaxOctets)
            return null;
        StringBuilder words = new();
        while (true)
        {
            int comma = text.IndexOf((byte)',');
            ReadOnlySpan<byte> word = (comma < 0 ? text : text[..comma]).Trim(" \t\r\n"u8);
            if (!IsWord(word))
                return null;
            words.Append(words.Length == 0 ? "" : ",").Append(Encoding.ASCII.GetString(word));
            if (comma < 0)
                return words.ToString();
            text = text[(comma + 1)..];
        }
    }

    /// <summary>Whether one of a message's classes is among those that are not wanted. Case does not matter.</summary>
    /// <param name="words">What <see cref="Read"/> gave, or nothing.</param>
    /// <param name="unwanted">Single classes.</param>
    internal static bool IsAnyOf(string words, IReadOnlyList<string> unwanted)
    {
        foreach (string one in unwanted)
        {
            for (int at = 0; (at = words.IndexOf(one, at, StringComparison.OrdinalIgnoreCase)) >= 0; at++)
            {
                int end = at + one.Length;
                if ((at == 0 || words[at - 1] == ',') && (end == words.Length || words[end] == ','))
                    return true;
            }
        }

        return false;
    }

    private static bool IsWord(ReadOnlySpan<byte> word) => !word.IsEmpty && char.IsAsciiLetter((char)word[0]) && !word.ContainsAnyExcept(s_word);
}
