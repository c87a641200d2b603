using System.Buffers;
using System.Text.Json;
using FullStack.Auth.Tokens;

namespace FullStack.Auth.Sasl;

/// <summary>OAUTHBEARER, and XOAUTH2, which came before it: the client shows a token that somebody else gave it.</summary>
/// <remarks>
/// RFC 7628. A token that will not do is answered with a challenge that says so in JSON (§3.2.2), to which the client has nothing to add (§3.2.3); what it sends is not looked
/// at, for clients of XOAUTH2 send nothing and others an octet 1.
/// </remarks>
internal sealed class BearerExchange(Authenticator authenticator, SaslConnection connection, string mechanism) : ISaslExchange
{
    public const string Name = "OAUTHBEARER";
    public const string OldName = "XOAUTH2";

    private SaslStep.Finished? _refusal;

    public string Mechanism => mechanism;
    public bool ClientFirst => true;

    public async ValueTask<SaslStep> NextAsync(ReadOnlyMemory<byte> response, CancellationToken ct)
    {
        if (_refusal is not null)
            return _refusal;
        BearerMessage? message;
        if (mechanism == Name ? !BearerMessage.TryParse(response.Span, out message) : !BearerMessage.TryParseOld(response.Span, out message))
            return new SaslStep.Malformed();
        TokenVerdict verdict = await authenticator.CheckTokenAsync(message.Token, ct);
        if (verdict.Outcome == LoginOutcome.Unavailable)
            return new SaslStep.Finished(new(LoginOutcome.Unavailable, null), message.User);
        string identity = verdict.User ?? message.User;
        bool isProven = verdict.Outcome == LoginOutcome.Accepted;
        SaslStep.Finished end = new(await authenticator.LoginProvenAsync(isProven ? message.User : "", identity, isProven, connection, ct), identity);
        if (end.Result.Outcome is LoginOutcome.Accepted or LoginOutcome.Unavailable)
            return end;
        _refusal = end;
        return new SaslStep.Challenge(ErrorText(authenticator.Tokens));
    }

    /// <summary>The status is what RFC 6750 §3.1 calls it; Google's form of it is a number.</summary>
    private ReadOnlyMemory<byte> ErrorText(TokenOptions options)
    {
        ArrayBufferWriter<byte> text = new();
        using Utf8JsonWriter json = new(text);
        json.WriteStartObject();
        json.WriteString("status", mechanism == Name ? "invalid_token" : "401");
        if (mechanism != Name)
            json.WriteString("schemes", "bearer");
        if (options.Scope.Length > 0)
            json.WriteString("scope", options.Scope);
        if (options.Discovery is { } discovery && mechanism == Name)
            json.WriteString("openid-configuration", discovery.AbsoluteUri);
        json.WriteEndObject();
        json.Flush();
        return text.WrittenMemory;
    }
}
