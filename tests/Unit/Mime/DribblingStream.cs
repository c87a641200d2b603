namespace FullStack.Unit.Mime;

/// <summary>Gives a few octets at a time.</summary>
internal sealed class DribblingStream(byte[] octets, int piece) : MemoryStream(octets)
{
    public override int Read(Span<byte> buffer) => base.Read(buffer[..Math.Min(piece, buffer.Length)]);

    public override int Read(byte[] buffer, int offset, int count) => base.Read(buffer, offset, Math.Min(piece, count));

    public override ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
        => ValueTask.FromResult(base.Read(buffer.Span[..Math.Min(piece, buffer.Length)]));
}
