using System.Collections.Concurrent;
using FullStack.Dns;
using FullStack.Smtp.Client;
using Microsoft.Extensions.Logging;

namespace FullStack.Queue.Relay.Sts;

/// <summary>The policies of domains: found in DNS, fetched by HTTPS, kept as long as they say.</summary>
/// <remarks>RFC 8461 §3.3, §5.1.</remarks>
public sealed class StsPolicies
{
    /// <summary>How long a fetch may take (RFC 8461 §3.3).</summary>
    internal static readonly TimeSpan FetchTime = TimeSpan.FromMinutes(1);

    /// <summary>How long a policy that could not be fetched is not asked for again (RFC 8461 §3.3).</summary>
    internal static readonly TimeSpan AfterFailure = TimeSpan.FromMinutes(5);

    /// <summary>A policy older than this is fetched anew though it still holds, so that it does not end while its host cannot be reached.</summary>
    internal static readonly TimeSpan Refresh = TimeSpan.FromDays(1);

    /// <summary>How long after the last message to its domain a policy is still fetched anew by itself.</summary>
    internal static readonly TimeSpan InUse = TimeSpan.FromDays(30);

    private static readonly TimeSpan s_noteUse = TimeSpan.FromHours(1);
    private const int RefreshedTogether = 4;
    private const int MaxKept = 10_000;
    private const int MaxFetches = 16;

    private readonly Resolver _resolver;
    private readonly StsFetch _fetch;
    private readonly StsFolder _folder;
    private readonly TimeProvider _time;
    private readonly ILogger _logger;
    private readonly ConcurrentDictionary<string, KeptPolicy> _kept = [];
    private readonly ConcurrentDictionary<string, Failure> _failed = [];
    private readonly ConcurrentDictionary<string, Lazy<Task<KeptPolicy?>>> _underWay = [];
    private readonly SemaphoreSlim _slots = new(MaxFetches);

    /// <param name="resolver">Asked for the records.</param>
    /// <param name="fetch">Fetches documents.</param>
    /// <param name="folder">Where policies are kept; made when there is one.</param>
    /// <param name="time">The clock.</param>
    /// <param name="logger">For what does not work.</param>
    public StsPolicies(Resolver resolver, StsFetch fetch, string folder, TimeProvider time, ILogger<StsPolicies> logger)
    {
        _resolver = resolver;
        _fetch = fetch;
        _folder = new(folder, time);
        _time = time;
        _logger = logger;
    }

    /// <summary>The policy of a domain that holds now.</summary>
    /// <returns>Null where it has none, or none that can be had.</returns>
    public async ValueTask<StsPolicy?> FindAsync(string domain, CancellationToken ct)
    {
        if (!DnsName.TryParse(domain, out DnsName? name) || name.ToString().AsSpan().ContainsAnyExcept(StsPolicy.HostCharacters))
            return null; // it is to be a part of a URI, and the name of a file
        domain = name.ToString();
        DateTimeOffset now = _time.GetUtcNow();
        KeptPolicy? kept = Kept(domain);
        if (kept is not null && now - kept.Used > s_noteUse)
            kept = Remember(domain, kept with { Used = now });
        return (await UpdateAsync(domain, kept, used: now, ct) ?? kept)?.Policy;
    }

    /// <summary>
    /// Fetches the policies anew that are a day old, or half way to their ends, of domains that mail went to lately: so that none ends while nobody
    /// sends, which would leave the next message to whoever keeps the record away then.
    /// </summary>
    /// <remarks>RFC 8461 §3.3, §10.2.</remarks>
    public Task RefreshAsync(CancellationToken ct) => Parallel.ForEachAsync(
        _folder.List(), new ParallelOptions { MaxDegreeOfParallelism = RefreshedTogether, CancellationToken = ct }, async (domain, token) =>
        {
            DateTimeOffset now = _time.GetUtcNow();
            if (Kept(domain) is { } kept && now - kept.Used <= InUse && IsOld(kept, now))
                await UpdateAsync(domain, kept, kept.Used, token);
        });

    private static bool IsOld(KeptPolicy kept, DateTimeOffset now)
    {
        TimeSpan half = kept.Policy.MaxAge / 2;
        return now - kept.Fetched >= (half < Refresh ? half : Refresh);
    }

    /// <summary>Fetches the policy that DNS names, unless the one that is kept is it and not old.</summary>
    /// <returns>Null where there is nothing new.</returns>
    private async ValueTask<KeptPolicy?> UpdateAsync(string domain, KeptPolicy? kept, DateTimeOffset used, CancellationToken ct)
    {
        DnsAnswer<string> answer = await _resolver.LookupTxtAsync($"_mta-sts.{domain}", ct);
        bool isCurrent = kept is not null && !IsOld(kept, _time.GetUtcNow());
        if (StsRecord.IdOf(answer.Records) is not { } id)
        {
            if (answer.Outcome != DnsOutcome.Failed)
                _failed.TryRemove(domain, out _); // it has none to fetch any more
            return null;
        }

        if ((isCurrent && kept!.Id == id) || HasFailed(domain, id))
            return null;
        Lazy<Task<KeptPolicy?>> own = new(() => FetchAsync(domain, id, used));
        return await _underWay.GetOrAdd(domain, own).Value.WaitAsync(ct);
    }

    /// <summary>Why the policy that a domain says it has could not be had when that was last tried; null where it could, or was not.</summary>
    public TlsFinding? TroubleOf(string domain) => _failed.TryGetValue(domain, out Failure failure) ? failure.Finding : null;

    /// <summary>A fetch that came to nothing.</summary>
    private readonly record struct Failure(string Id, long Since, TlsFinding Finding);

    private KeptPolicy? Kept(string domain)
    {
        if (!_kept.TryGetValue(domain, out KeptPolicy? kept) && _folder.Read(domain) is { } read)
            kept = Remember(domain, read);
        return kept is not null && kept.Expires > _time.GetUtcNow() ? kept : null;
    }

    private KeptPolicy Remember(string domain, KeptPolicy kept)
    {
        if (_kept.Count >= MaxKept)
            _kept.Clear(); // the files have them
        return _kept[domain] = kept;
    }

    private bool HasFailed(string domain, string id)
        => _failed.TryGetValue(domain, out Failure failure) && failure.Id == id && _time.GetElapsedTime(failure.Since) < AfterFailure;

    private async Task<KeptPolicy?> FetchAsync(string domain, string id, DateTimeOffset used)
    {
        await Task.Yield(); // the one who asks first waits like the others, and may stop waiting
        try
        {
            await _slots.WaitAsync(CancellationToken.None);
            try
            {
                (StsPolicy? policy, ReadOnlyMemory<byte> octets, TlsFinding trouble) = await TryFetchAsync(domain);
                if (policy is not null)
                    return Keep(domain, new(id, _time.GetUtcNow(), octets, policy) { Used = used });
                if (_failed.Count >= MaxKept)
                    _failed.Clear();
                _failed[domain] = new(id, _time.GetTimestamp(), trouble);
                QueueLog.StsFetchFailed(_logger, domain, trouble.Reason);
                return null;
            }
            finally
            {
                _slots.Release();
            }
        }
        finally
        {
            _underWay.TryRemove(domain, out _);
        }
    }

    private async Task<(StsPolicy? Policy, ReadOnlyMemory<byte> Octets, TlsFinding Trouble)> TryFetchAsync(string domain)
    {
        using CancellationTokenSource limit = new(FetchTime, _time);
        try
        {
            StsDocument document = await _fetch(new Uri($"https://mta-sts.{domain}/.well-known/mta-sts.txt"), limit.Token);
            if (document.Status != 200)
                return (null, default, new(TlsResult.StsPolicyFetchError, $"HTTP status {document.Status}"));
            if (!document.MediaType.Equals("text/plain", StringComparison.OrdinalIgnoreCase))
                return (null, default, new(TlsResult.StsPolicyFetchError, "not text/plain"));
            return StsPolicy.TryParse(document.Body.Span, out StsPolicy? policy) ? (policy, document.Body, default) : (null, default, new(TlsResult.StsPolicyInvalid, "not a policy"));
        }
        catch (Exception e) when (e is HttpRequestException or IOException or OperationCanceledException or UriFormatException)
        {
            TlsResult kind = e is HttpRequestException { HttpRequestError: HttpRequestError.SecureConnectionError } ? TlsResult.StsWebPkiInvalid : TlsResult.StsPolicyFetchError;
            return (null, default, new(kind, e is OperationCanceledException ? "timed out" : e.Message));
        }
    }

    private KeptPolicy Keep(string domain, KeptPolicy kept)
    {
        _failed.TryRemove(domain, out _);
        try
        {
            _folder.Write(domain, kept);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            QueueLog.StsNotKept(_logger, domain, e.Message);
        }

        return Remember(domain, kept);
    }
}
