namespace FullStack.Auth.Sasl;

/// <summary>One SASL authentication, from the server's side (RFC 4422 §3). The protocol carries octets; base64 is its own affair.</summary>
public interface ISaslExchange
{
    /// <summary>The mechanism's name.</summary>
    string Mechanism { get; }

    /// <summary>The client speaks first, so an initial response makes sense (RFC 4954 §4, RFC 4959).</summary>
    bool ClientFirst { get; }

    /// <summary>Goes one step on.</summary>
    /// <param name="response">What the client sent; empty at the start of a server-first mechanism.</param>
    ValueTask<SaslStep> NextAsync(ReadOnlyMemory<byte> response, CancellationToken ct);
}

/// <summary>What follows after a client's response: a challenge, or the end.</summary>
public abstract record SaslStep
{
    /// <summary>Send this and wait for an answer.</summary>
    public sealed record Challenge(ReadOnlyMemory<byte> Octets) : SaslStep;

    /// <summary>The exchange is over.</summary>
    /// <param name="Result">How it ended.</param>
    /// <param name="Identity">What the client called itself, for the log.</param>
    public sealed record Finished(LoginResult Result, string Identity) : SaslStep;

    /// <summary>The client's message was malformed.</summary>
    public sealed record Malformed : SaslStep;

    private SaslStep()
    {
    }
}
