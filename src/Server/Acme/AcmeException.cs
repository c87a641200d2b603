namespace FullStack.Server.Acme;

/// <summary>A certificate that cannot be had now; the message says why, also with words of the authority's.</summary>
/// <param name="message">Why.</param>
/// <param name="type">What the authority calls it (RFC 8555 §6.7), without the common beginning; empty: it did not say.</param>
/// <param name="retryAfter">How long it wants to be left alone; null: it did not say.</param>
/// <param name="inner">What it comes from.</param>
internal sealed class AcmeException(string message, string type = "", TimeSpan? retryAfter = null, Exception? inner = null) : Exception(message, inner)
{
    public const string BadNonce = "badNonce";
    public const string OrderNotReady = "orderNotReady";
    public const string NoAccount = "accountDoesNotExist";

    public string Type { get; } = type;

    public TimeSpan? RetryAfter { get; } = retryAfter;
}
