using System.Globalization;
using System.IO.Compression;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace FullStack.Queue.TlsReports;

/// <summary>Who reports.</summary>
/// <param name="Organization">As people know it.</param>
/// <param name="Contact">Whom to ask; its domain is the one that reports.</param>
internal sealed record TlsReporterIdentity(string Organization, string Contact)
{
    public string Domain => Contact[(Contact.LastIndexOf('@') + 1)..];
}

/// <summary>What a domain is told of one day.</summary>
/// <remarks>RFC 8460 §4.</remarks>
internal sealed class TlsReport(TlsReporterIdentity from, long day, string subject, IReadOnlyList<(TlsSessionKind Kind, long Sessions)> sessions)
{
    private static readonly JsonSerializerOptions s_readable = new() { WriteIndented = true };

    private DateTimeOffset Start => DateTimeOffset.UnixEpoch.AddDays(day);

    private DateTimeOffset End => Start.AddDays(1).AddSeconds(-1);

    public string Subject => subject;

    public TlsReporterIdentity From => from;

    /// <summary>The same for the same day and domain: a receiver that has the report already knows so.</summary>
    public string Id => $"{Start.ToString("yyyy-MM-dd", CultureInfo.InvariantCulture)}.{subject}@{from.Domain}";

    /// <remarks>RFC 8460 §5.1.</remarks>
    public string FileName => string.Create(CultureInfo.InvariantCulture, $"{from.Domain}!{subject}!{Start.ToUnixTimeSeconds()}!{End.ToUnixTimeSeconds()}.json.gz");

    /// <summary>The report as it is sent.</summary>
    public byte[] Compressed()
    {
        using MemoryStream octets = new();
        using (GZipStream gzip = new(octets, CompressionLevel.Optimal, leaveOpen: true))
            gzip.Write(JsonSerializer.SerializeToUtf8Bytes(ToJson(), s_readable));
        return octets.ToArray();
    }

    /// <remarks>RFC 8460 §4.4.</remarks>
    public JsonObject ToJson() => new()
    {
        ["organization-name"] = from.Organization,
        ["date-range"] = new JsonObject { ["start-datetime"] = Time(Start), ["end-datetime"] = Time(End) },
        ["contact-info"] = from.Contact,
        ["report-id"] = Id,
        ["policies"] = new JsonArray([.. sessions.GroupBy(static one => one.Kind.Policy).Select(static under => PolicyOf(under.Key, [.. under]))]),
    };

    private static JsonObject PolicyOf(string policy, IReadOnlyList<(TlsSessionKind Kind, long Sessions)> sessions)
    {
        (TlsSessionKind Kind, long Sessions)[] failures = [.. sessions.Where(static one => one.Kind.Failure.Length > 0)];
        JsonObject told = new()
        {
            ["policy"] = JsonNode.Parse(policy),
            ["summary"] = new JsonObject
            {
                ["total-successful-session-count"] = sessions.Except(failures).Sum(static one => one.Sessions),
                ["total-failure-session-count"] = failures.Sum(static one => one.Sessions),
            },
        };
        if (failures.Length > 0)
            told["failure-details"] = new JsonArray([.. failures.Select(static one => Counted(one.Kind.Failure, one.Sessions))]);
        return told;
    }

    private static JsonObject Counted(string failure, long sessions)
    {
        JsonObject detail = JsonNode.Parse(failure)!.AsObject();
        detail["failed-session-count"] = sessions;
        return detail;
    }

    private static string Time(DateTimeOffset time) => time.ToString("yyyy-MM-dd'T'HH:mm:ss'Z'", CultureInfo.InvariantCulture);
}
