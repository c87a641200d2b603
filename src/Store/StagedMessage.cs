using System.Collections.Concurrent;
using FullStack.Mime;
using FullStack.Store.Delivery;
using FullStack.Store.Maildir;
using FullStack.Store.Mailboxes;
using FullStack.Store.Posix;

namespace FullStack.Store;

/// <summary>
/// A message on its way in: bounded memory, then a file on the store's own file system. CRLF becomes LF on the way;
/// bare CR and LF stay as they are. Its structure is found while it streams.
/// </summary>
/// <remarks>One that is kept as it is (<see cref="IsVerbatim"/>) goes into no mailbox: mail files have lines.</remarks>
public sealed class StagedMessage : IAsyncDisposable
{
    private readonly StoreContext _store;
    private readonly MessageParser _parser = new();
    private readonly WireToStored? _lines;
    private MimeMessage? _structure;
    private ConcurrentQueue<DeliveredFile>? _delivered;
    private bool _endsLine = true;

    internal StagedMessage(StoreContext store, int inMemoryOctets, bool isVerbatim = false)
        => (_store, Content, _lines) = (store, new(store, inMemoryOctets), isVerbatim ? null : new());

    /// <summary>Octets taken so far, as given.</summary>
    public long Octets { get; private set; }

    /// <summary>Its octets are stored as they were given, line ends or not.</summary>
    public bool IsVerbatim => _lines is null;

    /// <summary>What the message holds; only after <see cref="CompleteAsync"/>.</summary>
    /// <exception cref="InvalidOperationException">The message is not complete.</exception>
    public MimeMessage Structure => _structure ?? throw new InvalidOperationException("the message is not complete");

    internal StagedOctets Content { get; }
    internal long StoredOctets => _lines?.StoredOctets ?? Octets;

    /// <summary>What the octets stored will be on the wire; only after <see cref="CompleteAsync"/>.</summary>
    public long WireOctets => _lines?.WireOctets ?? Octets;

    /// <summary>POP3 will send just <see cref="WireOctets"/> octets: the last line has an end, and the headers are ASCII. Only after <see cref="CompleteAsync"/>.</summary>
    internal bool IsSentAsIs => _endsLine && !_parser.HasEightBitHeader;

    /// <summary>A mailbox has the staged file itself, so that its modification time may not change any more.</summary>
    internal bool IsLinked { get; set; }

    /// <summary>Where it was delivered, of several mailboxes at once.</summary>
    internal IReadOnlyCollection<DeliveredFile> Delivered => _delivered ?? [];

    /// <summary>A mailbox has it.</summary>
    internal void NoteDelivered(DeliveredFile file)
        => LazyInitializer.EnsureInitialized(ref _delivered, static () => new ConcurrentQueue<DeliveredFile>()).Enqueue(file);

    /// <summary>Takes the next octets.</summary>
    /// <exception cref="IOException">The disk is full or failing. The message is lost; dispose it.</exception>
    public async ValueTask WriteAsync(ReadOnlyMemory<byte> octets, CancellationToken ct)
    {
        Octets += octets.Length;
        while (!octets.IsEmpty)
        {
            ct.ThrowIfCancellationRequested();
            Memory<byte> room = await Content.RoomAsync();
            int taken = Math.Min(octets.Length, room.Length - (_lines?.MaxOutput(0) ?? 0));
            Take(room.Span[..Push(octets.Span[..taken], room.Span)]);
            octets = octets[taken..];
        }
    }

    /// <summary>Ends the message.</summary>
    /// <exception cref="IOException">The disk is full or failing. The message is lost; dispose it.</exception>
    public async ValueTask CompleteAsync(CancellationToken ct)
    {
        Memory<byte> room = await Content.RoomAsync();
        Take(room.Span[..(_lines?.Complete(room.Span) ?? 0)]);
        await Content.CompleteAsync();
        _structure = _parser.Complete();
    }

    /// <summary>Opens what was taken, to be made into another message; only after <see cref="CompleteAsync"/>, and no longer than this one lives.</summary>
    public MessageContent Open() => new(_store, new Opened(Content, StoredOctets), []);

    /// <summary>Drops what was not delivered.</summary>
    public ValueTask DisposeAsync() => Content.DisposeAsync();

    private void Take(ReadOnlySpan<byte> stored)
    {
        if (!stored.IsEmpty)
            _endsLine = stored[^1] == (byte)'\n';
        _parser.Push(stored);
        Content.Advance(stored.Length);
    }

    private int Push(ReadOnlySpan<byte> octets, Span<byte> room)
    {
        if (_lines is not null)
            return _lines.Push(octets, room);
        octets.CopyTo(room);
        return octets.Length;
    }

    private sealed class Opened(StagedOctets octets, long count) : IMessageOctets
    {
        public long Count => count;

        public FileError Read(Span<byte> buffer, long offset, out int read) => octets.Read(buffer, offset, out read);

        public void Dispose()
        {
            // The staged message closes its file.
        }
    }
}
