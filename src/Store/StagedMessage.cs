using FullStack.Mime;

namespace FullStack.Store;

/// <summary>
/// A message on its way in: bounded memory, then a file on the store's own file system. CRLF becomes LF on the way;
/// bare CR and LF stay as they are. Its structure is found while it streams.
/// </summary>
public sealed class StagedMessage : IAsyncDisposable
{
    /// <summary>Octets taken so far, as given.</summary>
    public long Octets => throw new NotImplementedException();

    /// <summary>What the message holds; only after <see cref="CompleteAsync"/>.</summary>
    public MimeMessage Structure => throw new NotImplementedException();

    /// <summary>Takes the next octets.</summary>
    /// <exception cref="IOException">The disk is full or failing. The message is lost; dispose it.</exception>
    public ValueTask WriteAsync(ReadOnlyMemory<byte> octets, CancellationToken ct) => throw new NotImplementedException();

    /// <summary>Ends the message.</summary>
    public ValueTask CompleteAsync(CancellationToken ct) => throw new NotImplementedException();

    /// <summary>Drops what was not delivered.</summary>
    public ValueTask DisposeAsync() => throw new NotImplementedException();
}
