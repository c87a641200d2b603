using FullStack.Store;

namespace FullStack.Harness.Servers;

/// <summary>How a test wants its server.</summary>
public sealed record TestServerOptions
{
    /// <summary>Keys of the configuration file, dotted, with the value as it would stand there: <c>smtp.message_size_limit</c>, <c>64KiB</c>.</summary>
    public IReadOnlyDictionary<string, string> Settings { get; init; } = new Dictionary<string, string>();

    /// <summary>Whether the store syncs. Few tests can see a difference, and it costs.</summary>
    public SyncMode Sync { get; init; } = SyncMode.None;

    /// <summary>How mail lies on the disk.</summary>
    public StoreFormat Format { get; init; } = StoreFormat.Maildir;

    /// <summary>The path of a Unix socket at which the server takes mail by LMTP, open to all users; null: there is none.</summary>
    public string? LmtpSocket { get; init; }

    /// <summary>The clock; a manual one where none is given.</summary>
    public TimeProvider? Time { get; init; }
}
