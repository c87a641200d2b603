namespace FullStack.Auth.Tokens;

/// <summary>An issuer cannot be asked, or does not answer as it should: whoever logs in has to try later. The message is for the administrator and holds no token.</summary>
internal sealed class TokenIssuerException(string message, Exception? inner = null) : Exception(message, inner);
