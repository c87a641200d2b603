using FullStack.Queue.Notices;
using FullStack.Queue.Relay;

namespace FullStack.Queue.TlsReports;

/// <summary>What reports are made with.</summary>
public sealed record TlsReportParts
{
    /// <summary>The queue, and how its own messages are made.</summary>
    public required NoticeParts Mail { get; init; }

    /// <summary>The settings as they are now.</summary>
    public required Func<RelayOptions> Options { get; init; }

    /// <summary>The texts of a name in DNS; null where DNS does not answer.</summary>
    public required Func<string, CancellationToken, ValueTask<IReadOnlyList<string>?>> LookupTextAsync { get; init; }

    /// <summary>Posts a report; why it was not taken, or null.</summary>
    public required Func<Uri, ReadOnlyMemory<byte>, CancellationToken, ValueTask<string?>> PostAsync { get; init; }
}
