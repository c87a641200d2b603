using System.Diagnostics.CodeAnalysis;
using System.Text;
using FullStack.Auth.Tokens;

namespace FullStack.Auth.Sasl;

/// <summary>The only message of a client that logs in by a bearer token, in either of its two forms.</summary>
/// <param name="User">Whom the client wants to be; empty where it does not say.</param>
/// <param name="Token">The token; empty where it sent none, to learn what the server wants.</param>
internal sealed record BearerMessage(string User, string Token)
{
    private const int MaxOctets = JsonWebToken.MaxCharacters + 4096;
    private const byte Separator = 1;

    /// <summary>Reads <c>gs2-header kvsep *kvpair kvsep</c>.</summary>
    /// <remarks>RFC 7628 §3.1. There is no channel binding in it, so a client that asks for one (<c>p=</c>) is refused.</remarks>
    public static bool TryParse(ReadOnlySpan<byte> octets, [NotNullWhen(true)] out BearerMessage? message)
    {
        message = null;
        int headerEnd = octets.IndexOf(Separator);
        if (octets.Length > MaxOctets || headerEnd < 0)
            return false;
        ReadOnlySpan<byte> header = octets[..headerEnd];
        string user = "";
        if (header is not [(byte)'n' or (byte)'y', (byte)',', .., (byte)','])
            return false;
        ReadOnlySpan<byte> name = header[2..^1];
        if (!name.IsEmpty && !(name.StartsWith("a="u8) && SaslText.TryDecode(name[2..], out string? escaped) && ScramClientFirst.TryReadName(escaped, out user)))
            return false;
        return TryReadPairs(octets[(headerEnd + 1)..], ref user, isOld: false, out message);
    }

    /// <summary>Reads Google's older form: <c>user=…^Aauth=Bearer …^A^A</c>.</summary>
    public static bool TryParseOld(ReadOnlySpan<byte> octets, [NotNullWhen(true)] out BearerMessage? message)
    {
        string user = "";
        message = null;
        return octets.Length <= MaxOctets && TryReadPairs(octets, ref user, isOld: true, out message);
    }

    /// <summary>Pairs, each with a separator behind it, and one more at the end. Those that mean nothing here, such as host and port, are passed over.</summary>
    private static bool TryReadPairs(ReadOnlySpan<byte> octets, ref string user, bool isOld, [NotNullWhen(true)] out BearerMessage? message)
    {
        message = null;
        string? token = null;
        while (!octets.IsEmpty && octets[0] != Separator)
        {
            int end = octets.IndexOf(Separator), equals = octets.IndexOf((byte)'=');
            if (end < 0 || equals < 1 || equals > end)
                return false;
            ReadOnlySpan<byte> key = octets[..equals], value = octets[(equals + 1)..end];
            if (isOld && key.SequenceEqual("user"u8))
            {
                if (!SaslText.TryDecode(value, out string? named))
                    return false;
                user = named;
            }
            else if (Ascii.EqualsIgnoreCase(key, "auth"u8) && (token is not null || !TryReadBearer(value, out token)))
            {
                return false;
            }

            octets = octets[(end + 1)..];
        }

        if (octets.Length != 1 || token is null)
            return false;
        message = new(user, token);
        return true;
    }

    /// <summary>The scheme in any case, and a token of the characters that one may have (RFC 6750 §2.1).</summary>
    private static bool TryReadBearer(ReadOnlySpan<byte> value, [NotNullWhen(true)] out string? token)
    {
        token = null;
        if (value.IsEmpty)
        {
            token = "";
            return true;
        }

        if (value.Length < 8 || !Ascii.EqualsIgnoreCase(value[..7], "Bearer "u8) || value[7..].ContainsAnyExceptInRange((byte)'!', (byte)'~'))
            return false;
        token = Encoding.ASCII.GetString(value[7..]);
        return true;
    }
}
