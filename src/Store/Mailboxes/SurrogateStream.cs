using FullStack.Mime;

namespace FullStack.Store.Mailboxes;

/// <summary>Streams one after the other, each opened when the one before has ended.</summary>
internal sealed class SurrogateStream(IEnumerable<Stream> pieces) : ReadingStream
{
    private readonly IEnumerator<Stream> _pieces = pieces.GetEnumerator();
    private Stream? _piece;

    public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
    {
        while (_piece is not null || Next())
        {
            int read = await _piece!.ReadAsync(buffer, cancellationToken);
            if (read > 0 || buffer.IsEmpty)
                return read;
            await _piece.DisposeAsync();
            _piece = null;
        }

        return 0;
    }

    public override int Read(Span<byte> buffer)
    {
        while (_piece is not null || Next())
        {
            int read = _piece!.Read(buffer);
            if (read > 0 || buffer.IsEmpty)
                return read;
            _piece.Dispose();
            _piece = null;
        }

        return 0;
    }

    protected override void Dispose(bool disposing)
    {
        _piece?.Dispose();
        _pieces.Dispose();
        base.Dispose(disposing);
    }

    private bool Next()
    {
        bool any = _pieces.MoveNext();
        _piece = any ? _pieces.Current : null;
        return any;
    }
}
