using System.Security.Cryptography;
using System.Text;
using FullStack.Auth.Backends;

namespace FullStack.Auth.Tokens;

/// <summary>What issuers said of tokens lately, where they said that these count: mail programs log in several times within seconds.</summary>
/// <remarks>RFC 7662 §4: the answer lives shortly, and never longer than the token. Tokens are kept as digests, and refusals not at all: the token may come to count.</remarks>
internal sealed class AnsweredTokens(TimeSpan lifetime, TimeProvider time)
{
    private readonly LookupCache<Answer> _answers = new(lifetime, TimeSpan.Zero, time);

    /// <returns>Null: the issuer has to be asked.</returns>
    public TokenVerdict? Find(string token)
        => _answers.TryGet(KeyOf(token), out Answer? answer) && answer is not null && (answer.Ends is not { } ends || time.GetUtcNow() < ends) ? answer.Verdict : null;

    /// <param name="token">The token.</param>
    /// <param name="verdict">What was said of it.</param>
    /// <param name="ends">When it ends; null: that was not said.</param>
    public void Add(string token, TokenVerdict verdict, DateTimeOffset? ends)
    {
        if (verdict.Outcome == LoginOutcome.Accepted)
            _answers.Put(KeyOf(token), new(verdict, ends));
    }

    private static string KeyOf(string token) => Convert.ToHexString(SHA256.HashData(Encoding.UTF8.GetBytes(token)));

    private sealed record Answer(TokenVerdict Verdict, DateTimeOffset? Ends);
}
