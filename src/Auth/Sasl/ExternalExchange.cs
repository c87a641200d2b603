namespace FullStack.Auth.Sasl;

/// <summary>EXTERNAL: the client is who its certificate says, and says at most as whom it wants to act.</summary>
/// <remarks>
/// RFC 4422 App. A. A certificate for several accounts stands for the first, but where the client names another of them. Master users may name anybody.
/// </remarks>
internal sealed class ExternalExchange(Authenticator authenticator, SaslConnection connection) : ISaslExchange
{
    public const string Name = "EXTERNAL";

    public string Mechanism => Name;
    public bool ClientFirst => true;

    public async ValueTask<SaslStep> NextAsync(ReadOnlyMemory<byte> response, CancellationToken ct)
    {
        if (!SaslText.TryDecode(response.Span, out string? wanted))
            return new SaslStep.Malformed();
        IReadOnlyList<string> names = authenticator.NamesOf(connection.Certificate);
        string shown = names.FirstOrDefault(name => wanted.Length > 0 && authenticator.IsSameAccount(name, wanted)) ?? names.FirstOrDefault() ?? "";
        return new SaslStep.Finished(await authenticator.LoginProvenAsync(wanted, shown, isProven: shown.Length > 0, connection, ct), shown.Length > 0 ? shown : wanted);
    }
}
