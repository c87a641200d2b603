namespace FullStack.Smtp.Client;

/// <summary>A session with a host that has greeted: what it can do, and how much of its patience is used.</summary>
internal sealed class HostSession(HostConnection connection, RemoteHost host, string remoteName) : IAsyncDisposable
{
    private readonly HashSet<string> _domains = new(StringComparer.OrdinalIgnoreCase);

    public HostConnection Connection => connection;
    public RemoteHost Host => host;
    public bool IsLmtp => host.Protocol == RemoteProtocol.Lmtp;

    /// <summary>What the host called itself in its greeting.</summary>
    public string RemoteName => remoteName;

    public HostExtensions Extensions { get; set; } = HostExtensions.None;

    /// <summary>A transaction is open that came to no end: RSET before the next one.</summary>
    public bool NeedsReset { get; set; }

    /// <summary>It was kept, and the host has said nothing since: it may have closed meanwhile, which then says nothing of the message.</summary>
    public bool MayBeStale { get; set; }

    /// <summary>The host closes, or nobody knows where in the dialogue it stands.</summary>
    public bool IsOver { get; set; }

    /// <summary>Transactions begun.</summary>
    public int Transactions { get; set; }

    /// <summary>Protocol and cipher; null in the clear.</summary>
    public string? Tls => connection.Wire.Tls is { } tls ? $"{tls.Protocol} {tls.CipherSuite}" : null;

    /// <summary>Whether another transaction may begin.</summary>
    public bool MayBegin(SmtpClientOptions options) => !IsOver && Transactions < Math.Min(options.MaxMessages, Extensions.MaxMail);

    /// <summary>Counts a recipient's domain.</summary>
    /// <returns>False where it would be one more than the host takes in a session (RFC 9422 §4.3).</returns>
    public bool TryNoteDomain(string domain)
        => _domains.Contains(domain) || (_domains.Count < Extensions.MaxRecipientDomains && _domains.Add(domain));

    public ValueTask DisposeAsync() => connection.DisposeAsync();
}
