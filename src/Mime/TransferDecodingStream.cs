namespace FullStack.Mime;

/// <summary>Reads a body and gives it decoded, one bounded buffer at a time.</summary>
internal sealed class TransferDecodingStream(Stream body, bool quotedPrintable) : Stream
{
    private const int PieceOctets = 16 * 1024;
    private readonly byte[] _encoded = new byte[PieceOctets];
    private readonly byte[] _stripped = quotedPrintable ? new byte[PieceOctets + TrailingBlanks.MaxHeld] : [];
    private readonly byte[] _decoded = new byte[PieceOctets + TrailingBlanks.MaxHeld + 8];
    private Base64Decoder _base64;
    private QuotedPrintableDecoder _quotedPrintable = new();
    private TrailingBlanks _blanks = new();
    private int _at, _length;
    private bool _ended;

    public override bool CanRead => true;

    public override bool CanSeek => false;

    public override bool CanWrite => false;

    public override long Length => throw new NotSupportedException();

    public override long Position
    {
        get => throw new NotSupportedException();
        set => throw new NotSupportedException();
    }

    public override int Read(byte[] buffer, int offset, int count) => Read(buffer.AsSpan(offset, count));

    public override int Read(Span<byte> buffer)
    {
        while (_at == _length && !_ended)
            Refill(body.Read(_encoded));
        return Take(buffer);
    }

    public override Task<int> ReadAsync(byte[] buffer, int offset, int count, CancellationToken cancellationToken)
        => ReadAsync(buffer.AsMemory(offset, count), cancellationToken).AsTask();

    public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
    {
        while (_at == _length && !_ended)
            Refill(await body.ReadAsync(_encoded, cancellationToken));
        return Take(buffer.Span);
    }

    public override void Flush()
    {
    }

    public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

    public override void SetLength(long value) => throw new NotSupportedException();

    public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();

    protected override void Dispose(bool disposing)
    {
        if (disposing)
            body.Dispose();
        base.Dispose(disposing);
    }

    private void Refill(int read)
    {
        _at = 0;
        ReadOnlySpan<byte> encoded = _encoded.AsSpan(0, read);
        _length = quotedPrintable ? _quotedPrintable.Decode(_stripped.AsSpan(0, _blanks.Strip(encoded, _stripped)), _decoded) : _base64.Decode(encoded, _decoded);
        if (read > 0)
            return;
        _ended = true;
        _length += quotedPrintable ? _quotedPrintable.Finish(_decoded.AsSpan(_length)) : _base64.Finish(_decoded.AsSpan(_length));
    }

    private int Take(Span<byte> buffer)
    {
        int length = Math.Min(buffer.Length, _length - _at);
        _decoded.AsSpan(_at, length).CopyTo(buffer);
        _at += length;
        return length;
    }
}
