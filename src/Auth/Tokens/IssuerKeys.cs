namespace FullStack.Auth.Tokens;

/// <summary>An issuer's keys, fetched when they are first needed, and again when they are old, or a token names one that is not among them.</summary>
/// <remarks>
/// Anybody can make up names of keys: so keys are fetched at most once in <see cref="Pause"/>, whatever is asked, and by one at a time, for whom the others wait. While
/// the issuer does not answer, the keys last fetched count for <see cref="StaleLifetime"/>; a token whose key is not among them could be good, and has to come again.
/// </remarks>
internal sealed class IssuerKeys(Func<CancellationToken, Task<byte[]>> fetch, TimeSpan lifetime, TimeProvider time)
{
    /// <summary>The shortest time between two fetches.</summary>
    public static readonly TimeSpan Pause = TimeSpan.FromSeconds(30);

    /// <summary>How long keys count that could not be fetched again.</summary>
    public static readonly TimeSpan StaleLifetime = TimeSpan.FromDays(1);

    private readonly SemaphoreSlim _fetching = new(1, 1);
    private JsonWebKeySet? _keys;
    private long _fetchedAt;
    private long? _triedAt;
    private TokenIssuerException? _failure;

    /// <summary>Whether one of the issuer's keys made a token's signature.</summary>
    /// <exception cref="TokenIssuerException">It cannot be known now.</exception>
    public async ValueTask<bool> VerifyAsync(JsonWebToken token, CancellationToken ct)
    {
        JsonWebKeySet? keys = Current(out TimeSpan age);
        if (keys is null || age > lifetime || !keys.Knows(token))
            keys = await RefreshAsync(keys, token, ct);
        return keys.Verify(token);
    }

    private JsonWebKeySet? Current(out TimeSpan age)
    {
        JsonWebKeySet? keys = Volatile.Read(ref _keys);
        age = time.GetElapsedTime(Volatile.Read(ref _fetchedAt));
        return keys is not null && age <= StaleLifetime ? keys : null;
    }

    private async ValueTask<JsonWebKeySet> RefreshAsync(JsonWebKeySet? seen, JsonWebToken token, CancellationToken ct)
    {
        await _fetching.WaitAsync(ct);
        try
        {
            // Another one may have fetched them while this one waited.
            bool isDue = _triedAt is not { } tried || time.GetElapsedTime(tried) >= Pause;
            if (ReferenceEquals(Current(out _), seen) && isDue)
                await FetchAsync(ct);
            JsonWebKeySet? keys = Current(out _);
            if (keys is null || (_failure is not null && !keys.Knows(token)))
                throw _failure ?? new TokenIssuerException("the issuer's keys are not there");
            return keys;
        }
        finally
        {
            _fetching.Release();
        }
    }

    private async ValueTask FetchAsync(CancellationToken ct)
    {
        try
        {
            byte[] document = await fetch(ct);
            if (!JsonWebKeySet.TryParse(document, out JsonWebKeySet? keys))
                throw new TokenIssuerException("what the issuer has for its keys is no set of keys (RFC 7517)");
            Volatile.Write(ref _fetchedAt, time.GetTimestamp());
            Volatile.Write(ref _keys, keys);
            _failure = null;
        }
        catch (TokenIssuerException e)
        {
            _failure = e;
        }

        _triedAt = time.GetTimestamp();
    }
}
