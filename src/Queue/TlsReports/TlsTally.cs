using System.Text.Json.Nodes;
using FullStack.Smtp.Client;

namespace FullStack.Queue.TlsReports;

/// <summary>Sessions of one kind on one day: the same subject, policy and failure.</summary>
/// <param name="Day">Days since 1970, UTC.</param>
/// <param name="Subject">The domain that is told.</param>
/// <param name="Policy">The object <c>policy</c> of the report (RFC 8460 §4.4), as text.</param>
/// <param name="Failure">The object of <c>failure-details</c> without its count, as text; empty for sessions that went well.</param>
internal readonly record struct TlsSessionKind(long Day, string Subject, string Policy, string Failure);

/// <summary>Counts sessions with TLS, until they are written down.</summary>
/// <remarks>Bounded in kinds and in what they say together: what is beyond is not counted, and the number of it told when the rest is taken.</remarks>
internal sealed class TlsTally(Func<bool> isWanted, TimeProvider time) : ITlsSessions
{
    internal const int MaxKinds = 10_000;
    private const long MaxCharacters = 8 << 20;

    private const int MaxLines = 100;
    private const int MaxText = 1024;
    private const int MaxName = 255;

    private readonly Lock _gate = new();
    private Dictionary<TlsSessionKind, long> _counts = [];
    private long _characters;
    private long _dropped;

    /// <summary>The day that a time belongs to.</summary>
    public static long DayOf(DateTimeOffset time) => time.ToUnixTimeSeconds() / (24 * 60 * 60);

    public void Note(TlsSession session)
    {
        if (!isWanted())
            return;
        string failure = session.Finding.Result == TlsResult.Success ? "" : FailureOf(session).ToJsonString();
        Add(new(DayOf(time.GetUtcNow()), session.Policy.Subject.ToLowerInvariant(), PolicyOf(session.Policy).ToJsonString(), failure), 1);
    }

    /// <summary>Takes what was counted since it was last taken.</summary>
    public (IReadOnlyDictionary<TlsSessionKind, long> Counts, long Dropped) Take()
    {
        lock (_gate)
        {
            (Dictionary<TlsSessionKind, long> taken, long dropped) = (_counts, _dropped);
            (_counts, _characters, _dropped) = ([], 0, 0);
            return (taken, dropped);
        }
    }

    /// <summary>Counts what was taken once more: it could not be written down.</summary>
    public void Return(IReadOnlyDictionary<TlsSessionKind, long> counts)
    {
        foreach ((TlsSessionKind kind, long sessions) in counts)
            Add(kind, sessions);
    }

    private void Add(TlsSessionKind kind, long sessions)
    {
        lock (_gate)
        {
            if (_counts.TryGetValue(kind, out long before))
            {
                _counts[kind] = before + sessions;
                return;
            }

            int length = kind.Subject.Length + kind.Policy.Length + kind.Failure.Length;
            if (_counts.Count >= MaxKinds || _characters + length > MaxCharacters)
            {
                _dropped += sessions;
                return;
            }

            _counts.Add(kind, sessions);
            _characters += length;
        }
    }

    private static JsonObject PolicyOf(AppliedTlsPolicy policy)
    {
        JsonObject told = new()
        {
            ["policy-type"] = policy.Kind switch { TlsPolicyKind.Sts => "sts", TlsPolicyKind.Tlsa => "tlsa", _ => "no-policy-found" },
            ["policy-domain"] = policy.Domain.ToLowerInvariant(),
        };
        if (policy.Text.Count > 0)
            told.Insert(1, "policy-string", Texts(policy.Text));
        if (policy.Hosts.Count > 0)
            told["mx-host"] = Texts(policy.Hosts);
        return told;
    }

    private static JsonObject FailureOf(TlsSession session)
    {
        JsonObject told = new() { ["result-type"] = WordFor(session.Finding.Result) };
        if (session.From is { } from)
            told["sending-mta-ip"] = Plain(from);
        told["receiving-mx-hostname"] = session.Host;
        if (session.HostSays is { Length: > 0 } says)
            told["receiving-mx-helo"] = Short(says, MaxName);
        if (session.To is { } to)
            told["receiving-ip"] = Plain(to);
        if (session.Finding.Reason.Length > 0)
            told["failure-reason-code"] = Short(session.Finding.Reason, MaxName);
        return told;
    }

    /// <remarks>RFC 8460 §4.3.</remarks>
    private static string WordFor(TlsResult result) => result switch
    {
        TlsResult.StartTlsNotSupported => "starttls-not-supported",
        TlsResult.CertificateHostMismatch => "certificate-host-mismatch",
        TlsResult.CertificateExpired => "certificate-expired",
        TlsResult.CertificateNotTrusted => "certificate-not-trusted",
        TlsResult.TlsaInvalid => "tlsa-invalid",
        TlsResult.DnssecInvalid => "dnssec-invalid",
        TlsResult.DaneRequired => "dane-required",
        TlsResult.StsPolicyFetchError => "sts-policy-fetch-error",
        TlsResult.StsPolicyInvalid => "sts-policy-invalid",
        TlsResult.StsWebPkiInvalid => "sts-webpki-invalid",
        _ => "validation-failure",
    };

    private static string Plain(System.Net.IPAddress address) => (address.IsIPv4MappedToIPv6 ? address.MapToIPv4() : address).ToString();

    private static JsonArray Texts(IReadOnlyList<string> lines) => [.. lines.Take(MaxLines).Select(static line => JsonValue.Create(Short(line, MaxText)))];

    private static string Short(string text, int most) => text.Length <= most ? text : text[..most];
}
