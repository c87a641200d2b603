using System.Buffers.Text;
using System.Text;
using System.Text.Json.Nodes;

namespace FullStack.Server.Acme;

/// <summary>JSON that is signed, in the flattened form.</summary>
/// <remarks>RFC 7515 §7.2.2.</remarks>
internal static class JsonWebSignature
{
    /// <param name="header">What the signature covers besides the payload.</param>
    /// <param name="payload">What is said; null: nothing at all, not even an empty object.</param>
    /// <param name="sign">Signs octets.</param>
    public static JsonObject Write(JsonObject header, JsonNode? payload, Func<byte[], byte[]> sign)
    {
        string first = Encode(header.ToJsonString());
        string second = payload is null ? "" : Encode(payload.ToJsonString());
        return new()
        {
            ["protected"] = first,
            ["payload"] = second,
            ["signature"] = Base64Url.EncodeToString(sign(Encoding.ASCII.GetBytes($"{first}.{second}"))),
        };
    }

    private static string Encode(string json) => Base64Url.EncodeToString(Encoding.UTF8.GetBytes(json));
}
