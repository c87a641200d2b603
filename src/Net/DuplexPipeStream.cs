using System.IO.Pipelines;

namespace FullStack.Net;

/// <summary>Presents a duplex pipe as the stream that <see cref="System.Net.Security.SslStream"/> wraps.</summary>
/// <param name="input">Where it reads from.</param>
/// <param name="output">Where it writes to.</param>
/// <param name="received">Hears how many octets each read brought, and may throw; null: nobody wants to know.</param>
public sealed class DuplexPipeStream(PipeReader input, PipeWriter output, Action<int>? received = null) : Stream
{
    private readonly Stream _input = input.AsStream(leaveOpen: true);

    public override bool CanRead => true;
    public override bool CanWrite => true;
    public override bool CanSeek => false;
    public override long Length => throw new NotSupportedException();
    public override long Position { get => throw new NotSupportedException(); set => throw new NotSupportedException(); }

    public override ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
        => received is null ? _input.ReadAsync(buffer, cancellationToken) : ReadCountedAsync(buffer, received, cancellationToken);

    public override Task<int> ReadAsync(byte[] buffer, int offset, int count, CancellationToken cancellationToken)
        => ReadAsync(buffer.AsMemory(offset, count), cancellationToken).AsTask();

    private async ValueTask<int> ReadCountedAsync(Memory<byte> buffer, Action<int> count, CancellationToken ct)
    {
        int octets = await _input.ReadAsync(buffer, ct);
        count(octets);
        return octets;
    }

    public override async ValueTask WriteAsync(ReadOnlyMemory<byte> buffer, CancellationToken cancellationToken = default)
    {
        FlushResult result = await output.WriteAsync(buffer, cancellationToken);
        if (result.IsCompleted)
            throw new IOException("the peer no longer reads");
    }

    public override Task WriteAsync(byte[] buffer, int offset, int count, CancellationToken cancellationToken)
        => WriteAsync(buffer.AsMemory(offset, count), cancellationToken).AsTask();

    public override Task FlushAsync(CancellationToken cancellationToken) => Task.CompletedTask; // every write is flushed

    public override void Flush()
    {
    }

    public override int Read(byte[] buffer, int offset, int count) => throw new NotSupportedException();
    public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();
    public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();
    public override void SetLength(long value) => throw new NotSupportedException();
}
