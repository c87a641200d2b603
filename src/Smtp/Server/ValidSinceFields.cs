using System.Text;
using FullStack.Mime;

namespace FullStack.Smtp.Server;

/// <summary>The fields Require-Recipient-Valid-Since of a message: they ask what RRVS asks as a parameter, and go no further than to the host that heeds them.</summary>
/// <remarks>
/// RFC 7293 §5.2. One counts that names a recipient of this host who has no such parameter and is no role; where that mailbox has changed hands the message is
/// refused. Fields are kept back while the header comes. Those that counted go nowhere, the others go along only to other hosts, at the header's end.
/// </remarks>
/// <param name="envelope">Where the message goes.</param>
/// <param name="history">Knows who had which mailbox when.</param>
internal sealed class ValidSinceFields(Envelope envelope, IRecipientHistory history)
{
    /// <summary>Longest field, its folding included; a longer one says nothing, and goes nowhere.</summary>
    private const int MaxOctets = 1024;

    /// <summary>Most fields looked at.</summary>
    private const int MaxFields = 100;

    /// <summary>Mailboxes that belong to whoever has the office (RFC 2142, RFC 7293 §6).</summary>
    private static readonly string[] s_roles =
    [
        "abuse", "ftp", "hostmaster", "info", "marketing", "news", "noc", "postmaster", "sales", "security", "support", "usenet", "uucp", "webmaster", "www",
    ];

    private readonly List<SubmittedField> _fields = [];
    private SubmittedField? _current;

    private static ReadOnlySpan<byte> Name => "Require-Recipient-Valid-Since"u8;

    /// <summary>A field begins.</summary>
    /// <returns>It is kept back.</returns>
    public bool Begin(ReadOnlySpan<byte> name)
    {
        _current = Ascii.EqualsIgnoreCase(name, Name) && _fields.Count < MaxFields ? new(MaxOctets) : null;
        if (_current is null)
            return false;
        _fields.Add(_current);
        return true;
    }

    /// <summary>The next piece of its value, line ends included.</summary>
    public void Add(ReadOnlySpan<byte> octets) => _current?.Add(octets);

    /// <summary>The header is over.</summary>
    /// <param name="asker">The session, as log lines name it.</param>
    /// <param name="ct">Ends the wait.</param>
    /// <returns>The refusal; and else the fields that go along, as they stand in a header.</returns>
    public async ValueTask<(DeliveryStatus? Refusal, byte[] Kept)> EndAsync(string asker, CancellationToken ct)
    {
        if (_fields.Count == 0)
            return (null, []);
        bool leaves = envelope.Recipients.Any(recipient => !history.IsHere(recipient.Route));
        StringBuilder kept = new();
        foreach (SubmittedField field in _fields)
        {
            Recipient? recipient = TryRead(field, out DateTimeOffset since) is { } address ? RecipientOf(address) : null;
            if (recipient is null && leaves && !field.IsTooLong)
                kept.Append("Require-Recipient-Valid-Since:").Append(Encoding.Latin1.GetString(field.Value.Span));
            if (recipient is not null && await history.CheckAsync(recipient.Route, since, asker, ct) is { IsSuccess: false } refusal)
                return (refusal, []);
        }

        return (null, Encoding.Latin1.GetBytes(kept.ToString()));
    }

    private Recipient? RecipientOf(string address) => envelope.Recipients.FirstOrDefault(recipient => recipient.ValidSince is null
        && !s_roles.Contains(recipient.Path.Address.LocalPart, StringComparer.OrdinalIgnoreCase)
        && address.Equals($"{recipient.Path.Address.LocalPart}@{recipient.Path.Address.Domain}", StringComparison.OrdinalIgnoreCase)
        && history.IsHere(recipient.Route));

    /// <summary><c>"Require-Recipient-Valid-Since:" addr-spec ";" date-time CRLF</c></summary>
    private static string? TryRead(SubmittedField field, out DateTimeOffset since)
    {
        since = default;
        ReadOnlySpan<byte> value = field.Value.Span;
        int semicolon = value.LastIndexOf((byte)';');
        if (field.IsTooLong || semicolon < 0 || !MessageDate.TryParse(value[(semicolon + 1)..], out since))
            return null;
        return AddressList.Parse(value[..semicolon]) is [{ Mailbox: { } local, Host: { } host }] ? $"{Encoding.UTF8.GetString(local.Span)}@{Encoding.UTF8.GetString(host.Span)}" : null;
    }
}
