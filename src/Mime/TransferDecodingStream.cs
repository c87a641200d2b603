namespace FullStack.Mime;

/// <summary>Reads a body and gives it decoded, one bounded buffer at a time.</summary>
internal sealed class TransferDecodingStream(Stream body, bool quotedPrintable) : ChangedStream(body, PieceOctets)
{
    private const int PieceOctets = 16 * 1024;
    private readonly byte[] _stripped = quotedPrintable ? new byte[PieceOctets + TrailingBlanks.MaxHeld] : [];
    private readonly byte[] _decoded = new byte[PieceOctets + TrailingBlanks.MaxHeld + 8];
    private Base64Decoder _base64;
    private QuotedPrintableDecoder _quotedPrintable = new();
    private TrailingBlanks _blanks = new();

    private protected override ReadOnlyMemory<byte> Change(ReadOnlySpan<byte> piece)
    {
        int length = quotedPrintable ? _quotedPrintable.Decode(_stripped.AsSpan(0, _blanks.Strip(piece, _stripped)), _decoded) : _base64.Decode(piece, _decoded);
        if (piece.IsEmpty)
            length += quotedPrintable ? _quotedPrintable.Finish(_decoded.AsSpan(length)) : _base64.Finish(_decoded.AsSpan(length));
        return _decoded.AsMemory(0, length);
    }
}
