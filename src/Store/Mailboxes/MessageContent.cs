namespace FullStack.Store.Mailboxes;

/// <summary>An opened message. It stays readable although the message is expunged meanwhile.</summary>
public sealed class MessageContent : IAsyncDisposable
{
    /// <summary>Length as stored.</summary>
    public long StoredOctets => throw new NotImplementedException();

    /// <summary>
    /// A forward-only stream of a range, with every line end as CRLF. The range counts stored octets, as
    /// <see cref="Mime.MimePart"/>'s offsets do.
    /// </summary>
    public Stream OpenWire(long storedOffset, long storedOctets) => throw new NotImplementedException();

    /// <summary>The whole message on the wire.</summary>
    public Stream OpenWire() => OpenWire(0, StoredOctets);

    public ValueTask DisposeAsync() => throw new NotImplementedException();
}
