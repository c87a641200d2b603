using FullStack.Mime;

namespace FullStack.Store.Mailboxes;

/// <summary>The octets of a message as they are stored, from one on: for messages that were kept as they came.</summary>
internal sealed class StoredStream(MessageContent content, long offset) : ReadingStream
{
    private long _next = offset;

    public override int Read(Span<byte> buffer)
    {
        int read = content.Read(buffer, _next);
        _next += read;
        return read;
    }

    public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
    {
        int read = await content.ReadAsync(buffer, _next, cancellationToken);
        _next += read;
        return read;
    }
}
