using FullStack.Dns;
using FullStack.Smtp;

namespace FullStack.Queue.Relay;

/// <summary>A host that takes a domain's mail, before its addresses are known.</summary>
internal sealed record MailExchange(string Name, int Preference);

/// <summary>The hosts that a domain names for its mail, in the order in which they are tried.</summary>
/// <remarks>RFC 5321 §5.1.</remarks>
/// <param name="Exchanges">By preference; those of one preference in random order. Empty where the search failed.</param>
/// <param name="Failure">Why there are none.</param>
internal sealed record ExchangeList(IReadOnlyList<MailExchange> Exchanges, DeliveryStatus? Failure)
{
    /// <summary>Hosts of one domain whose addresses are asked for.</summary>
    public const int MaxExchanges = 16;

    /// <summary>DNSSEC proves that these are the hosts; also where they come from the administrator.</summary>
    public bool IsSecure { get; init; }

    /// <summary>The hosts stand in MX records; else the domain itself is the host.</summary>
    public bool IsFromMx { get; init; }

    /// <summary>The domain's name after aliases; where it is none, its name.</summary>
    public required string Domain { get; init; }

    /// <summary>One host, without MX.</summary>
    public static ExchangeList Single(string host) => new([new(host, 0)], null) { IsSecure = true, Domain = host };

    /// <param name="resolver">Asked.</param>
    /// <param name="domain">Whose hosts, as DNS writes it. Without MX it is its own host, aliases not followed: certificates are for this name (RFC 7672 §2.2.2).</param>
    /// <param name="own">A host that is this one takes all of its own and of worse preference out of the list.</param>
    /// <param name="ct">Ends the wait.</param>
    public static async ValueTask<ExchangeList> FindAsync(Resolver resolver, string domain, OwnHosts own, CancellationToken ct)
    {
        DnsAnswer<MxData> answer = await resolver.LookupMxAsync(domain, ct);
        ExchangeList none = new([], null) { Domain = answer.Name.ToString(), IsSecure = answer.IsSecure };
        switch (answer.Outcome)
        {
            case DnsOutcome.Failed:
                return none with { Failure = SearchFailure.DnsFailed };
            case DnsOutcome.NoSuchName:
                return none with { Failure = SearchFailure.NoSuchDomain };
            case DnsOutcome.NoData:
                return own.HasName(domain) || own.HasName(none.Domain)
                    ? none with { Failure = SearchFailure.Loop }
                    : none with { Exchanges = [new(domain, 0)] };
        }

        // RFC 7505 §3: a domain that has this has no other. Where one does, the others are hosts and this is none.
        MxData[] named = [.. answer.Records.Where(static mx => !mx.Exchange.IsRoot)];
        if (named.Length == 0)
            return none with { Failure = SearchFailure.NullMx };
        int ownPreference = named.Where(mx => own.HasName(mx.Exchange.ToString())).Select(static mx => (int)mx.Preference).DefaultIfEmpty(int.MaxValue).Min();
        MxData[] better = [.. named.Where(mx => mx.Preference < ownPreference)];
        if (better.Length == 0)
            return none with { Failure = SearchFailure.Loop };
        Random.Shared.Shuffle(better);
        MailExchange[] exchanges = [.. better.OrderBy(static mx => mx.Preference).DistinctBy(static mx => mx.Exchange).Take(MaxExchanges)
            .Select(static mx => new MailExchange(mx.Exchange.ToString(), mx.Preference))];
        return none with { Exchanges = exchanges, IsFromMx = true };
    }
}
