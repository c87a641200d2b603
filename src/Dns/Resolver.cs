using System.Collections.Concurrent;
using System.Net;
using System.Net.Sockets;
using FullStack.Dns.Cache;
using FullStack.Dns.Servers;
using Microsoft.Extensions.Logging;

namespace FullStack.Dns;

/// <summary>Asks DNS: a stub resolver that leaves the search to the servers of its configuration, and keeps what it learns.</summary>
/// <remarks>
/// RFC 1034 §5.3.1, RFC 1123 §6.1.3. All that ask the same at the same time wait for one question. A failure is an outcome and no exception; it is kept
/// for seconds, so that a server in trouble is not asked again for each message (RFC 9520 §3.2).
/// </remarks>
public sealed class Resolver : IDisposable
{
    /// <summary>Where the servers are where the options name none.</summary>
    public const string ResolvConfFile = "/etc/resolv.conf";

    /// <summary>How long it is kept that nobody could tell.</summary>
    internal static readonly TimeSpan FailureTime = TimeSpan.FromSeconds(5);

    /// <summary>Questions under way at once.</summary>
    private const int MaxUnderWay = 500;

    private readonly TimeProvider _time;
    private readonly ILogger _logger;
    private readonly string _resolvConf;
    private readonly AnswerCache _cache;
    private readonly ConcurrentDictionary<DnsQuestion, Lazy<Task<DnsAnswer<RecordData>>>> _underWay = [];
    private readonly SemaphoreSlim _slots = new(MaxUnderWay);
    private readonly CancellationTokenSource _closing = new();
    private readonly CancellationToken _closed;
    private volatile Search _search;

    public Resolver(DnsOptions options, TimeProvider time, ILogger<Resolver> logger)
        : this(options, time, logger, ResolvConfFile)
    {
    }

    internal Resolver(DnsOptions options, TimeProvider time, ILogger logger, string resolvConf)
    {
        _time = time;
        _logger = logger;
        _resolvConf = resolvConf;
        _cache = new(time);
        _closed = _closing.Token;
        _search = NewSearch(options);
    }

    /// <summary>Answers that are kept.</summary>
    internal AnswerCache Cache => _cache;

    /// <summary>Takes over other settings; what is kept stays.</summary>
    public void Reload(DnsOptions options) => _search = NewSearch(options);

    /// <summary>The hosts that take a domain's mail, in the order of the answer.</summary>
    /// <param name="domain">As people write it, also in other scripts. No such name can be in DNS: <see cref="DnsOutcome.NoSuchName"/>.</param>
    /// <param name="ct">Ends the wait.</param>
    public async ValueTask<DnsAnswer<MxData>> LookupMxAsync(string domain, CancellationToken ct)
        => (await LookupAsync(domain, RecordType.Mx, ct)).Select(static record => (MxData)record);

    /// <summary>A host's addresses, those of IPv6 first.</summary>
    /// <returns>
    /// Found where there is one address of either kind; failed where none is known and one kind could not be asked for; secure where all that was answered is.
    /// </returns>
    public async ValueTask<DnsAnswer<IPAddress>> LookupAddressesAsync(string host, CancellationToken ct)
    {
        Task<DnsAnswer<RecordData>> sixth = LookupAsync(host, RecordType.Aaaa, ct).AsTask();
        DnsAnswer<RecordData> four = await LookupAsync(host, RecordType.A, ct);
        DnsAnswer<RecordData> six = await sixth;
        DnsAnswer<RecordData> said = four.IsFound ? four
            : six.IsFound || six.Outcome == DnsOutcome.Failed ? six
            : four.Outcome == DnsOutcome.Failed || six.Outcome == DnsOutcome.NoSuchName ? four : six;
        return new(said.Outcome, said.IsFound ? [.. Addresses(six), .. Addresses(four)] : [])
        {
            Name = said.Name,
            IsAlias = said.IsAlias,
            // A kind that could not be asked for proves nothing and disproves nothing: else who keeps an answer back could switch DANE off.
            IsSecure = (four.IsSecure || four.Outcome == DnsOutcome.Failed) && (six.IsSecure || six.Outcome == DnsOutcome.Failed) && said.Outcome != DnsOutcome.Failed,
            TimeToLive = four.TimeToLive < six.TimeToLive ? four.TimeToLive : six.TimeToLive,
            Failure = said.Failure,
        };

        static IEnumerable<IPAddress> Addresses(DnsAnswer<RecordData> answer) => answer.Records.Select(static record => ((AddressData)record).Address);
    }

    /// <summary>The texts of a name, each with its strings joined, octets as Latin-1 characters.</summary>
    public async ValueTask<DnsAnswer<string>> LookupTxtAsync(string name, CancellationToken ct)
        => (await LookupAsync(name, RecordType.Txt, ct)).Select(static record => ((TextData)record).Text);

    /// <summary>What a name is an alias of, one step.</summary>
    public async ValueTask<DnsAnswer<DnsName>> LookupCnameAsync(string name, CancellationToken ct)
        => (await LookupAsync(name, RecordType.Cname, ct)).Select(static record => ((NameData)record).Name);

    /// <summary>The names of an address.</summary>
    /// <remarks>RFC 1035 §3.5; IPv6 RFC 3596 §2.5.</remarks>
    public async ValueTask<DnsAnswer<DnsName>> LookupPtrAsync(IPAddress address, CancellationToken ct)
        => (await LookupAsync(ReverseName.Of(address), RecordType.Ptr, ct)).Select(static record => ((NameData)record).Name);

    /// <summary>The certificates that a host may have on a port.</summary>
    /// <remarks>RFC 6698 §3.</remarks>
    public async ValueTask<DnsAnswer<TlsaData>> LookupTlsaAsync(string host, int port, CancellationToken ct)
        => (await LookupBelowAsync($"_{port.ToString(System.Globalization.CultureInfo.InvariantCulture)}._tcp", host, RecordType.Tlsa, ct)).Select(static record => (TlsaData)record);

    /// <summary>Where a service of a domain is, in the order of the answer.</summary>
    /// <remarks>RFC 2782.</remarks>
    /// <param name="service">Its name, without the underscore.</param>
    /// <param name="domain">Whose it is.</param>
    /// <param name="ct">Ends the wait.</param>
    public async ValueTask<DnsAnswer<SrvData>> LookupSrvAsync(string service, string domain, CancellationToken ct)
        => (await LookupBelowAsync($"_{service}._tcp", domain, RecordType.Srv, ct)).Select(static record => (SrvData)record);

    /// <summary>Ends all questions, also those to come: they throw <see cref="OperationCanceledException"/>.</summary>
    public void Dispose() => _closing.Cancel(); // it has no timer, and its token is still asked for

    private ValueTask<DnsAnswer<RecordData>> LookupAsync(string text, RecordType type, CancellationToken ct)
        => DnsName.TryParse(text, out DnsName? name) ? LookupAsync(name, type, ct) : new(NoSuchName);

    private ValueTask<DnsAnswer<RecordData>> LookupBelowAsync(string labels, string text, RecordType type, CancellationToken ct)
        => DnsName.TryParse(text, out DnsName? name) && name.TryPrepend(labels, out DnsName? below) ? LookupAsync(below, type, ct) : new(NoSuchName);

    private static DnsAnswer<RecordData> NoSuchName => new(DnsOutcome.NoSuchName, []) { Name = DnsName.Root };

    private async ValueTask<DnsAnswer<RecordData>> LookupAsync(DnsName name, RecordType type, CancellationToken ct)
    {
        DnsQuestion question = new(name, type);
        if (_cache.Find(question) is { } known)
            return known;
        Lazy<Task<DnsAnswer<RecordData>>> own = new(() => AskAsync(question));
        return await _underWay.GetOrAdd(question, own).Value.WaitAsync(ct);
    }

    private async Task<DnsAnswer<RecordData>> AskAsync(DnsQuestion question)
    {
        await Task.Yield(); // the one who asks first waits like the others, and may stop waiting
        Search search = _search;
        try
        {
            await _slots.WaitAsync(_closed);
            try
            {
                DnsAnswer<RecordData> answer = await search.FindAsync(question, _closed);
                _cache.Add(question, answer, search.Options.CacheEntries, search.Options.CacheOctets);
                return answer;
            }
            finally
            {
                _slots.Release();
            }
        }
        finally
        {
            _underWay.TryRemove(question, out _);
        }
    }

    private Search NewSearch(DnsOptions options) => new(options, new ServerList(options, _resolvConf, _time, _logger), _time, _logger);
}
