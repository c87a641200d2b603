using System.Globalization;
using System.Net;
using System.Net.Sockets;
using FullStack.Dns;

namespace FullStack.Server.Zone;

/// <summary>What DNS says now, held to a record that is wanted.</summary>
/// <param name="IsThere">The record is there, or another one that does as well.</param>
/// <param name="Found">What is there, in words for the administrator.</param>
internal sealed record RecordFinding(bool IsThere, string Found)
{
    /// <summary>DNS could not be asked.</summary>
    public bool IsUnknown { get; init; }

    /// <summary>Something else is there.</summary>
    public bool IsOther { get; init; }
}

/// <summary>Compares wanted records with what DNS says.</summary>
internal sealed class RecordCheck(Resolver resolver)
{
    public async Task<RecordFinding> CheckAsync(AdvisedRecord record, CancellationToken ct) => record.Type switch
    {
        AdvisedType.Mx => Judge(record, await resolver.LookupMxAsync(record.Name, ct), static mx => string.Create(CultureInfo.InvariantCulture, $"{mx.Preference} {Dotted(mx.Exchange)}"),
            static (wanted, found) => wanted.Split(' ')[1] == found.Split(' ')[1]),
        AdvisedType.Txt => Text(record, await resolver.LookupTxtAsync(record.Name, ct)),
        AdvisedType.A or AdvisedType.Aaaa => Judge(record, await resolver.LookupAddressesAsync(record.Name, ct), static address => address.ToString(), Same),
        AdvisedType.Srv => Judge(record, await resolver.LookupSrvAsync(record.Name[1..record.Name.IndexOf('.', StringComparison.Ordinal)], Parent(record.Name), ct),
            static srv => string.Create(CultureInfo.InvariantCulture, $"{srv.Priority} {srv.Weight} {srv.Port} {Dotted(srv.Target)}"),
            static (wanted, found) => wanted.Split(' ')[2..].SequenceEqual(found.Split(' ')[2..])),
        AdvisedType.Tlsa => Judge(record, await resolver.LookupTlsaAsync(Parent(record.Name), 25, ct),
            static tlsa => string.Create(CultureInfo.InvariantCulture, $"{tlsa.Usage} {tlsa.Selector} {tlsa.MatchingType} {Convert.ToHexStringLower(tlsa.Association.Span)}"), Same),
        _ => await AliasAsync(record, ct),
    };

    /// <summary>An alias is as good as addresses that are the same.</summary>
    private async Task<RecordFinding> AliasAsync(AdvisedRecord record, CancellationToken ct)
    {
        RecordFinding alias = Judge(record, await resolver.LookupCnameAsync(record.Name, ct), static name => Dotted(name), Same);
        if (alias.IsThere)
            return alias;
        DnsAnswer<IPAddress> here = await resolver.LookupAddressesAsync(record.Data.TrimEnd('.'), ct);
        DnsAnswer<IPAddress> there = await resolver.LookupAddressesAsync(record.Name, ct);
        return there.IsFound && there.Records.All(here.Records.Contains) ? new(true, "the same addresses") : alias;
    }

    /// <summary>Texts of one kind begin with the same word, and there must be one; another one is the administrator's choice, which is told.</summary>
    private static RecordFinding Text(AdvisedRecord record, DnsAnswer<string> answer)
    {
        string kind = record.Data.Split(' ', ';')[0];
        string[] ofKind = [.. answer.Records.Where(text => text.StartsWith(kind, StringComparison.OrdinalIgnoreCase))];
        return ofKind.Length switch
        {
            0 => Missing(answer.Outcome, answer.Failure),
            1 when ofKind[0] == record.Data => new(true, "there"),
            1 => new(true, "another one is there: " + Shown(ofKind[0])),
            _ => new(false, "more than one is there: " + Shown(string.Join(" | ", ofKind))),
        };
    }

    private static RecordFinding Judge<T>(AdvisedRecord record, DnsAnswer<T> answer, Func<T, string> text, Func<string, string, bool> isSame)
    {
        if (!answer.IsFound)
            return Missing(answer.Outcome, answer.Failure);
        string[] found = [.. answer.Records.Select(text)];
        return found.Any(other => isSame(record.Data, other)) ? new(true, "there") : new(false, "another one is there: " + Shown(string.Join(", ", found))) { IsOther = true };
    }

    private static RecordFinding Missing(DnsOutcome outcome, string failure)
        => outcome == DnsOutcome.Failed ? new(false, "could not be looked up: " + Shown(failure)) { IsUnknown = true } : new(false, "not there");

    private static bool Same(string wanted, string found) => wanted.Equals(found, StringComparison.OrdinalIgnoreCase);

    private static string Dotted(DnsName name) => name.IsRoot ? "." : name.ToString().TrimEnd('.') + ".";

    /// <summary>What stands in DNS is anyone's: no control character gets to a terminal.</summary>
    private static string Shown(string text) => string.Concat(text.Take(200).Select(static c => char.IsControl(c) || c > '~' ? '?' : c));

    /// <summary>What is left of a name without its first two labels, a service and its protocol.</summary>
    private static string Parent(string name) => name[(name.IndexOf('.', name.IndexOf('.', StringComparison.Ordinal) + 1) + 1)..];
}
