using System.Diagnostics.CodeAnalysis;
using System.Text;

namespace FullStack.Store;

/// <summary>Brings names to one form.</summary>
internal static class UnicodeText
{
    /// <summary>NFC; false for text that is too long or holds half a surrogate pair, on which normalisation would throw.</summary>
    public static bool TryNormalize(string text, int maxLength, [NotNullWhen(true)] out string? normal)
    {
        normal = null;
        if (text.Length > maxLength)
            return false;
        ReadOnlySpan<char> rest = text;
        while (!rest.IsEmpty)
        {
            if (Rune.DecodeFromUtf16(rest, out _, out int used) != System.Buffers.OperationStatus.Done)
                return false;
            rest = rest[used..];
        }

        normal = text.Normalize();
        return true;
    }
}
