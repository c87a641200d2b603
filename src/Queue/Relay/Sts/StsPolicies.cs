using System.Collections.Concurrent;
using FullStack.Dns;
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

    private const int MaxKept = 10_000;
    private const int MaxFetches = 16;

    private readonly Resolver _resolver;
    private readonly StsFetch _fetch;
    private readonly StsFolder _folder;
    private readonly TimeProvider _time;
    private readonly ILogger _logger;
    private readonly ConcurrentDictionary<string, KeptPolicy> _kept = [];
    private readonly ConcurrentDictionary<string, (string Id, long Since)> _failed = [];
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
        KeptPolicy? kept = Kept(domain);
        DnsAnswer<string> answer = await _resolver.LookupTxtAsync($"_mta-sts.{domain}", ct);
        string? id = StsRecord.IdOf(answer.Records);
        DateTimeOffset now = _time.GetUtcNow();
        bool isCurrent = kept is not null && (id is null || (kept.Id == id && now - kept.Fetched < Refresh));
        if (id is null || isCurrent || HasFailed(domain, id))
            return kept?.Policy;
        Lazy<Task<KeptPolicy?>> own = new(() => FetchAsync(domain, id));
        KeptPolicy? fetched = await _underWay.GetOrAdd(domain, own).Value.WaitAsync(ct);
        return (fetched ?? kept)?.Policy;
    }

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
        => _failed.TryGetValue(domain, out (string Id, long Since) failure) && failure.Id == id && _time.GetElapsedTime(failure.Since) < AfterFailure;

    private async Task<KeptPolicy?> FetchAsync(string domain, string id)
    {
        await Task.Yield(); // the one who asks first waits like the others, and may stop waiting
        try
        {
            await _slots.WaitAsync(CancellationToken.None);
            try
            {
                (StsPolicy? policy, ReadOnlyMemory<byte> octets, string failure) = await TryFetchAsync(domain);
                if (policy is not null)
                    return Keep(domain, new(id, _time.GetUtcNow(), octets, policy));
                if (_failed.Count >= MaxKept)
                    _failed.Clear();
                _failed[domain] = (id, _time.GetTimestamp());
                QueueLog.StsFetchFailed(_logger, domain, failure);
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

    private async Task<(StsPolicy? Policy, ReadOnlyMemory<byte> Octets, string Failure)> TryFetchAsync(string domain)
    {
        using CancellationTokenSource limit = new(FetchTime, _time);
        try
        {
            StsDocument document = await _fetch(new Uri($"https://mta-sts.{domain}/.well-known/mta-sts.txt"), limit.Token);
            if (document.Status != 200)
                return (null, default, $"HTTP status {document.Status}");
            if (!document.MediaType.Equals("text/plain", StringComparison.OrdinalIgnoreCase))
                return (null, default, "not text/plain");
            return StsPolicy.TryParse(document.Body.Span, out StsPolicy? policy) ? (policy, document.Body, "") : (null, default, "not a policy");
        }
        catch (Exception e) when (e is HttpRequestException or IOException or OperationCanceledException or UriFormatException)
        {
            return (null, default, e is OperationCanceledException ? "timed out" : e.Message);
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
