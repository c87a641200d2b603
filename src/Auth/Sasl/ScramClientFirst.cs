using System.Diagnostics.CodeAnalysis;
using System.Text;

namespace FullStack.Auth.Sasl;

/// <summary>What a client says of channel binding.</summary>
internal enum ScramBinding
{
    /// <summary><c>n</c>: it knows none.</summary>
    None,

    /// <summary><c>y</c>: it knows some, and believes that the server does not.</summary>
    ServerHasNone,

    /// <summary><c>p=…</c>: it uses one.</summary>
    Used,
}

/// <summary>The first message of a SCRAM client: <c>gs2-header client-first-message-bare</c>.</summary>
/// <remarks>RFC 5802 §5.1 and §7. Mandatory extensions (<c>m=</c>) are refused, as §5.1 demands; others may follow the nonce, and are skipped.</remarks>
internal sealed class ScramClientFirst
{
    private ScramClientFirst(ScramBinding binding, string bindingType, string header, string bare)
        => (Binding, BindingType, Header, Bare) = (binding, bindingType, header, bare);

    public ScramBinding Binding { get; }

    /// <summary>The kind of channel binding; empty unless one is used.</summary>
    public string BindingType { get; }

    /// <summary>gs2-header, with its second comma.</summary>
    public string Header { get; }

    /// <summary>client-first-message-bare.</summary>
    public string Bare { get; }

    public string AuthorizationId { get; private init; } = "";
    public string Identity { get; private init; } = "";
    public string Nonce { get; private init; } = "";

    public static bool TryParse(ReadOnlySpan<byte> message, [NotNullWhen(true)] out ScramClientFirst? first)
    {
        first = null;
        if (message.Length > SaslText.MaxOctets * 4 || message.Contains((byte)0) || !System.Text.Unicode.Utf8.IsValid(message))
            return false;
        string text = Encoding.UTF8.GetString(message);
        int flagEnd = text.IndexOf(',', StringComparison.Ordinal);
        int headerEnd = flagEnd < 0 ? -1 : text.IndexOf(',', flagEnd + 1);
        if (headerEnd < 0 || !TryReadFlag(text[..flagEnd], out ScramBinding binding, out string type))
            return false;
        string authorization = text[(flagEnd + 1)..headerEnd];
        string authorizationId = "";
        if (authorization.Length > 0 && !(authorization.StartsWith("a=", StringComparison.Ordinal) && TryReadName(authorization[2..], out authorizationId)))
            return false;

        string bare = text[(headerEnd + 1)..];
        int nameEnd = bare.IndexOf(',', StringComparison.Ordinal);
        if (nameEnd < 0 || !bare.StartsWith("n=", StringComparison.Ordinal) || !TryReadName(bare[2..nameEnd], out string identity))
            return false;
        ReadOnlySpan<char> rest = bare.AsSpan(nameEnd + 1);
        int nonceEnd = rest.IndexOf(',');
        ReadOnlySpan<char> nonce = nonceEnd < 0 ? rest : rest[..nonceEnd];
        if (!nonce.StartsWith("r=") || nonce.Length == 2 || nonce.ContainsAnyExceptInRange('!', '~'))
            return false;
        first = new(binding, type, text[..(headerEnd + 1)], bare)
        {
            AuthorizationId = authorizationId,
            Identity = identity,
            Nonce = nonce[2..].ToString(),
        };
        return true;
    }

    /// <summary>gs2-cbind-flag = ("p=" cb-name) / "n" / "y"</summary>
    private static bool TryReadFlag(string flag, out ScramBinding binding, out string type)
    {
        type = flag.StartsWith("p=", StringComparison.Ordinal) ? flag[2..] : "";
        binding = flag switch { "n" => ScramBinding.None, "y" => ScramBinding.ServerHasNone, _ => ScramBinding.Used };
        return flag is "n" or "y" || type.Length > 0;
    }

    /// <summary>saslname: a comma is written =2C, an equals sign =3D, and no other = may stand in it.</summary>
    internal static bool TryReadName(string escaped, out string name)
    {
        name = escaped;
        if (escaped.Length == 0)
            return false;
        if (!escaped.Contains('=', StringComparison.Ordinal))
            return true;
        StringBuilder text = new();
        for (int i = 0; i < escaped.Length; i++)
        {
            if (escaped[i] != '=')
            {
                text.Append(escaped[i]);
                continue;
            }

            ReadOnlySpan<char> code = escaped.AsSpan(i + 1);
            if (!code.StartsWith("2C") && !code.StartsWith("3D"))
                return false;
            text.Append(code[0] == '2' ? ',' : '=');
            i += 2;
        }

        name = text.ToString();
        return true;
    }
}
