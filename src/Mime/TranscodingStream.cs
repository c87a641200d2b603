using System.Text;

namespace FullStack.Mime;

/// <summary>Reads a text in one charset and gives it in another, one bounded piece at a time.</summary>
/// <remarks>What the source has of octets that are no text becomes U+FFFD. A character that the target lacks is the business of its encoder's fallback.</remarks>
/// <param name="octets">The text; disposed of with the stream.</param>
/// <param name="source">Its charset.</param>
/// <param name="target">The charset wanted; where its fallback throws, so does reading: <see cref="EncoderFallbackException"/>.</param>
public sealed class TranscodingStream(Stream octets, Encoding source, Encoding target) : Stream
{
    private const int PieceOctets = 8 * 1024;

    private readonly Decoder _decoder = source.GetDecoder();
    private readonly Encoder _encoder = target.GetEncoder();
    private readonly byte[] _piece = new byte[PieceOctets];
    private readonly char[] _text = new char[source.GetMaxCharCount(PieceOctets)];
    private byte[] _converted = [];
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
            Convert(octets.Read(_piece));
        return Take(buffer);
    }

    public override Task<int> ReadAsync(byte[] buffer, int offset, int count, CancellationToken cancellationToken)
        => ReadAsync(buffer.AsMemory(offset, count), cancellationToken).AsTask();

    public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
    {
        while (_at == _length && !_ended)
            Convert(await octets.ReadAsync(_piece, cancellationToken));
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
            octets.Dispose();
        base.Dispose(disposing);
    }

    private void Convert(int read)
    {
        _ended = read == 0;
        int units = _decoder.GetChars(_piece.AsSpan(0, read), _text, flush: _ended);
        int most = target.GetMaxByteCount(units);
        if (_converted.Length < most)
            _converted = new byte[most];
        _at = 0;
        _length = _encoder.GetBytes(_text.AsSpan(0, units), _converted, flush: _ended);
    }

    private int Take(Span<byte> buffer)
    {
        int length = Math.Min(buffer.Length, _length - _at);
        _converted.AsSpan(_at, length).CopyTo(buffer);
        _at += length;
        return length;
    }
}
