using System.Text;

namespace FullStack.Imap.Search;

/// <summary>Makes texts comparable: case and ways of composing characters no longer count.</summary>
/// <remarks>In the spirit of i;unicode-casemap (RFC 5051 §2): upper case, then compatibility decomposition.</remarks>
internal static class CaseFolding
{
    public static string Fold(string text)
    {
        if (Ascii.IsValid(text))
            return text.ToUpperInvariant();
        if (text.AsSpan().ContainsAnyInRange('\uD800', '\uDFFF'))
            text = WithoutLoneSurrogates(text); // Normalize refuses them
        return text.ToUpperInvariant().Normalize(NormalizationForm.FormKD);
    }

    private static string WithoutLoneSurrogates(string text)
    {
        StringBuilder valid = new(text.Length);
        foreach (Rune rune in text.EnumerateRunes()) // gives U+FFFD for each
            valid.Append(rune.ToString());
        return valid.ToString();
    }
}
