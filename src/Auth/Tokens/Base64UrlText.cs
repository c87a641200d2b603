using System.Buffers;
using System.Buffers.Text;
using System.Diagnostics.CodeAnalysis;

namespace FullStack.Auth.Tokens;

/// <summary>Base64url without padding, as tokens and keys are written.</summary>
/// <remarks>RFC 7515 §2: neither padding nor white space.</remarks>
internal static class Base64UrlText
{
    public static bool TryDecode(ReadOnlySpan<char> text, [NotNullWhen(true)] out byte[]? octets)
    {
        octets = null;
        if (text.ContainsAny("= \t\r\n"))
            return false; // the decoder would skip them
        byte[] buffer = new byte[Base64Url.GetMaxDecodedLength(text.Length)];
        if (Base64Url.DecodeFromChars(text, buffer, out _, out int written) != OperationStatus.Done)
            return false;
        octets = buffer[..written];
        return true;
    }
}
