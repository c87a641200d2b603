using System.Buffers;

namespace FullStack.Mime.Conversion;

/// <summary>Reads a message and gives it converted, one bounded buffer at a time.</summary>
internal sealed class ConvertingStream(Stream message, IReadOnlyList<ConversionRegion> regions) : Stream
{
    private const int PieceOctets = 16 * 1024;

    private readonly byte[] _piece = new byte[PieceOctets];
    private readonly ArrayBufferWriter<byte> _ready = new(PieceOctets);
    private readonly ArrayBufferWriter<byte> _header = new();
    private readonly QuotedPrintableEncoder _quotedPrintable = new();
    private readonly Base64Encoder _base64 = new();
    private int _given;
    private int _region;
    private long _offset;
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
        while (_given == _ready.WrittenCount && !_ended)
            Refill(message.Read(_piece));
        return Take(buffer);
    }

    public override Task<int> ReadAsync(byte[] buffer, int offset, int count, CancellationToken cancellationToken)
        => ReadAsync(buffer.AsMemory(offset, count), cancellationToken).AsTask();

    public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
    {
        while (_given == _ready.WrittenCount && !_ended)
            Refill(await message.ReadAsync(_piece, cancellationToken));
        return Take(buffer.Span);
    }

    public override void Flush()
    {
    }

    public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

    public override void SetLength(long value) => throw new NotSupportedException();

    public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();

    public override async ValueTask DisposeAsync()
    {
        await message.DisposeAsync();
        await base.DisposeAsync();
    }

    protected override void Dispose(bool disposing)
    {
        if (disposing)
            message.Dispose();
        base.Dispose(disposing);
    }

    private int Take(Span<byte> buffer)
    {
        int length = Math.Min(buffer.Length, _ready.WrittenCount - _given);
        _ready.WrittenSpan.Slice(_given, length).CopyTo(buffer);
        _given += length;
        return length;
    }

    private void Refill(int read)
    {
        _ready.ResetWrittenCount();
        _given = 0;
        _ended = read == 0;
        ReadOnlySpan<byte> piece = _piece.AsSpan(0, read);
        while (!piece.IsEmpty && _region < regions.Count)
        {
            ConversionRegion region = regions[_region];
            int length = (int)Math.Min(piece.Length, region.End - _offset);
            Push(region, piece[..length]);
            _offset += length;
            piece = piece[length..];
            if (_offset != region.End)
                continue;
            _region++;
            Finish(region);
        }
    }

    private void Push(ConversionRegion region, ReadOnlySpan<byte> octets)
    {
        if (region is { Kind: ConversionRegionKind.Header, Encoding: not null })
            _header.Write(octets);
        else if (region.Encoding is { } encoding)
            EncoderFor(encoding).Encode(octets, _ready);
        else if (region.CleanedAbove is { } highest)
            Clean(octets, highest);
        else
            _ready.Write(octets);
    }

    private void Finish(ConversionRegion region)
    {
        if (region.Encoding is not { } encoding)
            return;
        if (region.Kind == ConversionRegionKind.Header)
        {
            bool isRoot = _region == 1;
            _ready.Write(TransferEncodingField.Say(_header.WrittenSpan, encoding, isRoot));
            _header.Clear();
        }
        else
        {
            EncoderFor(encoding).Finish(endsMessage: _region == regions.Count, _ready);
        }
    }

    private IBodyEncoder EncoderFor(string encoding) => encoding == TransferEncodingField.Base64 ? _base64 : _quotedPrintable;

    private void Clean(ReadOnlySpan<byte> octets, byte highest)
    {
        Span<byte> target = _ready.GetSpan(octets.Length);
        for (int i = 0; i < octets.Length; i++)
            target[i] = octets[i] == 0 || octets[i] > highest ? (byte)'?' : octets[i];
        _ready.Advance(octets.Length);
    }
}
