using System.Buffers;
using System.Buffers.Text;
using System.Diagnostics.CodeAnalysis;

namespace FullStack.Auth.Sasl;

/// <summary>Base64 as the protocols wrap SASL messages in it.</summary>
/// <remarks>RFC 4648 §4, as RFC 4954 §4, RFC 5034 §4 and RFC 3501 §9 ask for it: no space, no line end, padding complete.</remarks>
public static class SaslBase64
{
    /// <summary>Decodes one message; the empty text is the empty message.</summary>
    public static bool TryDecode(ReadOnlySpan<byte> encoded, [NotNullWhen(true)] out byte[]? octets)
    {
        octets = null;
        if (encoded.ContainsAny(" \t\r\n"u8))
            return false; // the decoder would skip them
        byte[] buffer = new byte[Base64.GetMaxDecodedFromUtf8Length(encoded.Length)];
        if (Base64.DecodeFromUtf8(encoded, buffer, out _, out int written) != OperationStatus.Done)
            return false;
        octets = buffer[..written];
        return true;
    }

    /// <summary>Decodes an initial response, where <c>=</c> stands for the empty message.</summary>
    public static bool TryDecodeInitial(ReadOnlySpan<byte> encoded, [NotNullWhen(true)] out byte[]? octets)
    {
        octets = [];
        return encoded.SequenceEqual("="u8) || (!encoded.IsEmpty && TryDecode(encoded, out octets));
    }
}
