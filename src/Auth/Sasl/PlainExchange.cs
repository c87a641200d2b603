namespace FullStack.Auth.Sasl;

/// <summary>PLAIN: <c>[authzid] NUL authcid NUL passwd</c> in one message.</summary>
/// <remarks>RFC 4616 §2. Only master users may act for somebody else.</remarks>
internal sealed class PlainExchange(Authenticator authenticator, SaslConnection connection) : ISaslExchange
{
    public const string Name = "PLAIN";

    public string Mechanism => Name;
    public bool ClientFirst => true;

    public async ValueTask<SaslStep> NextAsync(ReadOnlyMemory<byte> response, CancellationToken ct)
    {
        if (!TryParse(response.Span, out string authorizationId, out string identity, out string password))
            return new SaslStep.Malformed();
        LoginResult result = await authenticator.LoginAsync(authorizationId, identity, password, connection, ct);
        return new SaslStep.Finished(result, identity);
    }

    private static bool TryParse(ReadOnlySpan<byte> message, out string authorizationId, out string identity, out string password)
    {
        (authorizationId, identity, password) = ("", "", "");
        int first = message.IndexOf((byte)0);
        int second = first < 0 ? -1 : message[(first + 1)..].IndexOf((byte)0) + first + 1;
        if (second <= first + 1
            || !SaslText.TryDecode(message[..first], out string? authzid)
            || !SaslText.TryDecode(message[(first + 1)..second], out string? authcid)
            || !SaslText.TryDecode(message[(second + 1)..], out string? passwd) || passwd.Length == 0)
            return false;
        (authorizationId, identity, password) = (authzid, authcid, passwd);
        return true;
    }
}
