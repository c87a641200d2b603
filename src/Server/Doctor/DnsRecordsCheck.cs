using FullStack.Server.Zone;

namespace FullStack.Server.Doctor;

/// <summary>Whether DNS has what the domains want; the same as `fullstack dns --check` says of each.</summary>
/// <param name="Wanted">The records.</param>
/// <param name="Look">Holds a record to what DNS says.</param>
internal sealed record DnsRecordsCheck(IReadOnlyList<AdvisedRecord> Wanted, Func<AdvisedRecord, CancellationToken, Task<RecordFinding>> Look) : IDoctorCheck
{
    public static readonly FindingKind NoMail = new("dns.mail", FindingLevel.Error, "DNS does not lead a domain's mail to this host: MX, or this host's address, is missing or another.", "Publish the record, as `fullstack dns DOMAIN --zone` prints it; if mail comes by another host or address on purpose, leave it.");
    public static readonly FindingKind WrongKey = new("dns.tlsa", FindingLevel.Error, "A TLSA record (DANE) is there that is not of the key in use: hosts that look at it send no mail.", "Publish the record of the key in use; acme.keep_key keeps it the same.");
    public static readonly FindingKind Missing = new("dns.missing", FindingLevel.Warning, "A record is missing that other hosts believe mail by, or that programs find their settings by.", "Publish the record, as `fullstack dns DOMAIN --zone` prints it.");

    public string Name => "dns";

    public IReadOnlyList<FindingKind> Kinds => [NoMail, WrongKey, Missing];

    public async Task<IReadOnlyList<Finding>> RunAsync(CancellationToken ct)
    {
        RecordFinding[] found = await Task.WhenAll(Wanted.Select(record => Look(record, ct)));
        return [.. Wanted.Zip(found, Judge).OfType<Finding>()];
    }

    private Finding? Judge(AdvisedRecord record, RecordFinding found)
    {
        string seen = $"{record.Name} {record.TypeName} {record.Data}: {found.Found}";
        if (found.IsThere)
            return new(FindingKind.Ok(Name), seen);
        if (found.IsUnknown)
            return new(FindingKind.Unknown(Name), seen);
        return record.Type switch
        {
            AdvisedType.Mx or AdvisedType.A or AdvisedType.Aaaa => new(NoMail, seen),
            AdvisedType.Tlsa => found.IsOther ? new(WrongKey, seen) : null, // of worth in a signed zone only
            AdvisedType.Srv when record.Data == "0 0 0 ." => null, // says that something is not offered, which most leave unsaid
            _ => new(Missing, seen),
        };
    }
}
