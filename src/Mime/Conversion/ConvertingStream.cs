using System.Buffers;

namespace FullStack.Mime.Conversion;

/// <summary>Reads a message and gives it converted, one bounded buffer at a time.</summary>
internal sealed class ConvertingStream(Stream message, IReadOnlyList<ConversionRegion> regions) : ChangedStream(message, PieceOctets)
{
    private const int PieceOctets = 16 * 1024;

    private readonly ArrayBufferWriter<byte> _ready = new(PieceOctets);
    private readonly ArrayBufferWriter<byte> _header = new();
    private readonly QuotedPrintableEncoder _quotedPrintable = new();
    private readonly Base64Encoder _base64 = new();
    private int _region;
    private long _offset;

    private protected override ReadOnlyMemory<byte> Change(ReadOnlySpan<byte> piece)
    {
        _ready.ResetWrittenCount();
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

        return _ready.WrittenMemory;
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
