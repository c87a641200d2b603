using System.Diagnostics.CodeAnalysis;
using System.Text;

namespace FullStack.Auth.Sasl;

/// <summary>The last message of a SCRAM client: <c>c=…,r=…[,extensions],p=…</c>.</summary>
/// <param name="Binding">The gs2-header and the channel's data, as the client saw them.</param>
/// <param name="Nonce">Both nonces.</param>
/// <param name="WithoutProof">client-final-message-without-proof.</param>
/// <param name="Proof">ClientProof.</param>
/// <remarks>RFC 5802 §5.1 and §7.</remarks>
internal sealed record ScramClientFinal(byte[] Binding, string Nonce, string WithoutProof, byte[] Proof)
{
    public static bool TryParse(ReadOnlySpan<byte> message, [NotNullWhen(true)] out ScramClientFinal? final)
    {
        final = null;
        if (message.Length > SaslText.MaxOctets * 4 || message.Contains((byte)0) || !System.Text.Unicode.Utf8.IsValid(message))
            return false;
        int proofAt = message.LastIndexOf(",p="u8);
        if (!message.StartsWith("c="u8) || proofAt < 0 || !SaslBase64.TryDecode(message[(proofAt + 3)..], out byte[]? proof) || proof.Length == 0)
            return false;
        int bindingEnd = message.IndexOf((byte)',');
        ReadOnlySpan<byte> rest = message[(bindingEnd + 1)..];
        if (bindingEnd >= proofAt || !rest.StartsWith("r="u8) || !SaslBase64.TryDecode(message[2..bindingEnd], out byte[]? binding))
            return false;
        ReadOnlySpan<byte> nonce = rest[2..rest.IndexOf((byte)',')];
        final = new(binding, Encoding.UTF8.GetString(nonce), Encoding.UTF8.GetString(message[..proofAt]), proof);
        return true;
    }
}
