using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using FullStack.Auth.Backends;
using FullStack.Auth.Passwords;

namespace FullStack.Auth.Sasl;

/// <summary>SCRAM: client and server show each other that they know the password, and neither it nor what is stored of it goes over the wire.</summary>
/// <remarks>
/// RFC 5802 and RFC 7677; the names ending in -PLUS bind the login to the TLS connection, by tls-exporter (RFC 9266), tls-unique or
/// tls-server-end-point (RFC 5929). Who does not exist, or has nothing stored that serves, gets a salt of his own that never changes, and the proof is what fails.
/// </remarks>
internal sealed class ScramExchange(Authenticator authenticator, SaslConnection connection, ScramHash hash, bool binds, string? serverNonce = null) : ISaslExchange
{
    private const int NonceOctets = 18;

    private ScramClientFirst? _first;
    private string _nonce = "";
    private string _serverFirst = "";
    private LoginClaim? _claim;
    private LoginResult? _result;

    public string Mechanism => binds ? hash.Name + "-PLUS" : hash.Name;
    public bool ClientFirst => true;

    public async ValueTask<SaslStep> NextAsync(ReadOnlyMemory<byte> response, CancellationToken ct)
    {
        if (_result is { } result) // the client has seen the server's signature, and has nothing to add (RFC 4422 §3.1)
            return response.IsEmpty ? new SaslStep.Finished(result, _first!.Identity) : new SaslStep.Malformed();
        return _first is null ? await BeginAsync(response, ct) : await EndAsync(response, ct);
    }

    private async ValueTask<SaslStep> BeginAsync(ReadOnlyMemory<byte> message, CancellationToken ct)
    {
        if (!ScramClientFirst.TryParse(message.Span, out ScramClientFirst? first) || binds != (first.Binding == ScramBinding.Used))
            return new SaslStep.Malformed();
        // RFC 5802 §6: who would bind and believes that we cannot, was told so by somebody in between.
        bool isDowngraded = first.Binding == ScramBinding.ServerHasNone && authenticator.AnnouncesBinding(hash, connection);
        if (isDowngraded || (binds && connection.BindingOf(first.BindingType).IsEmpty))
            return new SaslStep.Finished(new(LoginOutcome.Refused, null), first.Identity);

        _first = first;
        _claim = await authenticator.BeginAsync(first.AuthorizationId, SaslPrep.PrepareOrKeep(first.Identity), connection, ct);
        try
        {
            if (_claim is null)
                return Unavailable(first);
            ScramVerifier? verifier = authenticator.VerifiersOf(_claim, hash).FirstOrDefault();
            byte[] salt = verifier?.Salt ?? authenticator.SaltFor(_claim.Names.Prover);
            _nonce = first.Nonce + (serverNonce ?? Convert.ToBase64String(RandomNumberGenerator.GetBytes(NonceOctets)));
            _serverFirst = string.Create(
                CultureInfo.InvariantCulture, $"r={_nonce},s={Convert.ToBase64String(salt)},i={verifier?.Iterations ?? ScramVerifier.DefaultIterations}");
        }
        catch (DirectoryUnavailableException)
        {
            return Unavailable(first);
        }

        return new SaslStep.Challenge(Encoding.UTF8.GetBytes(_serverFirst));
    }

    private async ValueTask<SaslStep> EndAsync(ReadOnlyMemory<byte> message, CancellationToken ct)
    {
        if (!ScramClientFinal.TryParse(message.Span, out ScramClientFinal? final))
            return new SaslStep.Malformed();
        byte[] authMessage = Encoding.UTF8.GetBytes($"{_first!.Bare},{_serverFirst},{final.WithoutProof}");
        byte[]? signature = null;
        LoginResult result = await authenticator.ProveAsync(_claim!, () => TryProve(final, authMessage, out signature), ct);
        if (result.Outcome != LoginOutcome.Accepted)
            return new SaslStep.Finished(result, _first.Identity);
        _result = result;
        return new SaslStep.Challenge(Encoding.ASCII.GetBytes("v=" + Convert.ToBase64String(signature!)));
    }

    /// <summary>Every wrong proof costs one derivation, whatever is stored and whether anything is.</summary>
    private bool TryProve(ScramClientFinal final, byte[] authMessage, out byte[]? signature)
    {
        IReadOnlyList<ScramVerifier> stored = authenticator.VerifiersOf(_claim!, hash);
        bool isDerived = stored.Count == 0 || PasswordHash.TryGetPlain(_claim!.Stored ?? "", out _);
        if (isDerived)
            stored = [Derive(PasswordHash.TryGetPlain(_claim!.Stored ?? "", out string? plain) ? plain : null), .. stored];
        bool isBound = CryptographicOperations.FixedTimeEquals(final.Binding, ExpectedBinding());
        signature = null;
        foreach (ScramVerifier verifier in stored)
        {
            if (!verifier.VerifyProof(final.Proof, authMessage) || !isBound || final.Nonce != _nonce)
                continue;
            signature = verifier.Sign(authMessage);
            return true;
        }

        if (!isDerived)
            Derive(null);
        return false;
    }

    /// <param name="password">The password; null: nobody's.</param>
    private ScramVerifier Derive(string? password)
        => ScramVerifier.Create(
            hash, password ?? Convert.ToHexString(RandomNumberGenerator.GetBytes(16)), authenticator.SaltFor(_claim!.Names.Prover), ScramVerifier.DefaultIterations);

    private byte[] ExpectedBinding() => [.. Encoding.UTF8.GetBytes(_first!.Header), .. binds ? connection.BindingOf(_first.BindingType).Span : []];

    private static SaslStep.Finished Unavailable(ScramClientFirst first) => new(new(LoginOutcome.Unavailable, null), first.Identity);
}
