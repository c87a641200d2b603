using FullStack.Mime;
using FullStack.Store.Delivery;
using FullStack.Store.Maildir;

namespace FullStack.Store;

/// <summary>
/// A message on its way in: bounded memory, then a file on the store's own file system. CRLF becomes LF on the way;
/// bare CR and LF stay as they are. Its structure is found while it streams.
/// </summary>
public sealed class StagedMessage : IAsyncDisposable
{
    private readonly MessageParser _parser = new();
    private readonly WireToStored _lines = new();
    private MimeMessage? _structure;

    internal StagedMessage(StoreContext store, int inMemoryOctets) => Content = new(store, inMemoryOctets);

    /// <summary>Octets taken so far, as given.</summary>
    public long Octets { get; private set; }

    /// <summary>What the message holds; only after <see cref="CompleteAsync"/>.</summary>
    /// <exception cref="InvalidOperationException">The message is not complete.</exception>
    public MimeMessage Structure => _structure ?? throw new InvalidOperationException("the message is not complete");

    internal StagedOctets Content { get; }
    internal long StoredOctets => _lines.StoredOctets;

    /// <summary>What the octets stored will be on the wire; only after <see cref="CompleteAsync"/>.</summary>
    public long WireOctets => _lines.WireOctets;

    /// <summary>A mailbox has the staged file itself, so that its modification time may not change any more.</summary>
    internal bool IsLinked { get; set; }

    /// <summary>Takes the next octets.</summary>
    /// <exception cref="IOException">The disk is full or failing. The message is lost; dispose it.</exception>
    public async ValueTask WriteAsync(ReadOnlyMemory<byte> octets, CancellationToken ct)
    {
        Octets += octets.Length;
        while (!octets.IsEmpty)
        {
            ct.ThrowIfCancellationRequested();
            Memory<byte> room = await Content.RoomAsync();
            int taken = Math.Min(octets.Length, room.Length - _lines.MaxOutput(0));
            int written = _lines.Push(octets.Span[..taken], room.Span);
            _parser.Push(room.Span[..written]);
            Content.Advance(written);
            octets = octets[taken..];
        }
    }

    /// <summary>Ends the message.</summary>
    /// <exception cref="IOException">The disk is full or failing. The message is lost; dispose it.</exception>
    public async ValueTask CompleteAsync(CancellationToken ct)
    {
        Memory<byte> room = await Content.RoomAsync();
        int written = _lines.Complete(room.Span);
        _parser.Push(room.Span[..written]);
        Content.Advance(written);
        await Content.CompleteAsync();
        _structure = _parser.Complete();
    }

    /// <summary>Drops what was not delivered.</summary>
    public ValueTask DisposeAsync() => Content.DisposeAsync();
}
