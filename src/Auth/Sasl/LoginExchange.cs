namespace FullStack.Auth.Sasl;

/// <summary>LOGIN: asks for the name, then for the password.</summary>
/// <remarks>
/// draft-murchison-sasl-login-00; obsolete, and all that some clients can. The server speaks first, but many clients send
/// the name as an initial response, which is taken.
/// </remarks>
internal sealed class LoginExchange(Authenticator authenticator, SaslConnection connection) : ISaslExchange
{
    public const string Name = "LOGIN";

    private static readonly byte[] s_namePrompt = "Username:"u8.ToArray();
    private static readonly byte[] s_passwordPrompt = "Password:"u8.ToArray();

    private bool _asked;
    private string? _identity;

    public string Mechanism => Name;
    public bool ClientFirst => false;

    public async ValueTask<SaslStep> NextAsync(ReadOnlyMemory<byte> response, CancellationToken ct)
    {
        if (_identity is null && !_asked && response.IsEmpty)
        {
            _asked = true;
            return new SaslStep.Challenge(s_namePrompt);
        }

        if (!SaslText.TryDecode(response.Span, out string? text) || text.Length == 0)
            return new SaslStep.Malformed();
        if (_identity is not null)
            return new SaslStep.Finished(await authenticator.LoginAsync(_identity, text, connection, ct), _identity);
        _identity = text;
        return new SaslStep.Challenge(s_passwordPrompt);
    }
}
