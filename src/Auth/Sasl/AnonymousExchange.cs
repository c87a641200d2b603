namespace FullStack.Auth.Sasl;

/// <summary>ANONYMOUS: anybody, as the account that the configuration has for that.</summary>
/// <remarks>RFC 4505 §2. Not for submission: anybody could send to everybody. What the client tells of itself (trace information) goes into the log.</remarks>
internal sealed class AnonymousExchange(Authenticator authenticator, SaslConnection connection) : ISaslExchange
{
    public const string Name = "ANONYMOUS";

    /// <summary>RFC 4505 §2: token = 1*255TCHAR.</summary>
    private const int MaxTraceCharacters = 255;

    public string Mechanism => Name;
    public bool ClientFirst => true;

    public async ValueTask<SaslStep> NextAsync(ReadOnlyMemory<byte> response, CancellationToken ct)
    {
        if (!SaslText.TryDecode(response.Span, out string? trace) || trace.Length > MaxTraceCharacters)
            return new SaslStep.Malformed();
        LoginResult result = await authenticator.LoginProvenAsync("", authenticator.AnonymousAccount, isProven: true, connection, ct);
        return new SaslStep.Finished(result, trace.Length > 0 ? $"anonymous ({trace})" : "anonymous");
    }
}
