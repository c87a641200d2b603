namespace FullStack.Mime;

/// <summary>Reads a stream and gives what it holds in another form, one bounded piece at a time.</summary>
public abstract class ChangedStream : ReadingStream
{
    private readonly Stream _source;
    private readonly byte[] _piece;
    private ReadOnlyMemory<byte> _ready;
    private bool _ended;

    /// <param name="source">Disposed of with the stream.</param>
    /// <param name="pieceOctets">How much of it is read at once.</param>
    private protected ChangedStream(Stream source, int pieceOctets) => (_source, _piece) = (source, new byte[pieceOctets]);

    public override int Read(Span<byte> buffer)
    {
        while (_ready.IsEmpty && !_ended)
            Take(_source.Read(_piece));
        return Give(buffer);
    }

    public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
    {
        while (_ready.IsEmpty && !_ended)
            Take(await _source.ReadAsync(_piece, cancellationToken));
        return Give(buffer.Span);
    }

    public override async ValueTask DisposeAsync()
    {
        await _source.DisposeAsync();
        await base.DisposeAsync();
    }

    protected override void Dispose(bool disposing)
    {
        if (disposing)
            _source.Dispose();
        base.Dispose(disposing);
    }

    /// <summary>Changes the next piece.</summary>
    /// <param name="piece">Empty at the end, and only there.</param>
    /// <returns>What comes of it: nothing, or more than the piece, too. It is used until the next call.</returns>
    private protected abstract ReadOnlyMemory<byte> Change(ReadOnlySpan<byte> piece);

    private void Take(int read)
    {
        _ended = read == 0;
        _ready = Change(_piece.AsSpan(0, read));
    }

    private int Give(Span<byte> buffer)
    {
        int length = Math.Min(buffer.Length, _ready.Length);
        _ready.Span[..length].CopyTo(buffer);
        _ready = _ready[length..];
        return length;
    }
}
