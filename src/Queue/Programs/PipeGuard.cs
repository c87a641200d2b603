namespace FullStack.Queue.Programs;

/// <summary>A program's standard input, which swallows what the program does not read any more.</summary>
internal sealed class PipeGuard(Stream pipe) : Stream
{
    private bool _isClosed;

    public override bool CanRead => false;
    public override bool CanSeek => false;
    public override bool CanWrite => true;
    public override long Length => throw new NotSupportedException();
    public override long Position { get => throw new NotSupportedException(); set => throw new NotSupportedException(); }

    public override async ValueTask WriteAsync(ReadOnlyMemory<byte> buffer, CancellationToken cancellationToken = default)
    {
        if (_isClosed)
            return;
        try
        {
            await pipe.WriteAsync(buffer, cancellationToken);
        }
        catch (IOException)
        {
            _isClosed = true; // EPIPE: it has ended, or closed its input
        }
    }

    public override async Task FlushAsync(CancellationToken cancellationToken)
    {
        if (!_isClosed)
            await pipe.FlushAsync(cancellationToken);
    }

    public override async ValueTask DisposeAsync()
    {
        try
        {
            await pipe.DisposeAsync();
        }
        catch (IOException)
        {
            _isClosed = true;
        }

        await base.DisposeAsync();
    }

    public override void Flush()
    {
    }

    public override int Read(byte[] buffer, int offset, int count) => throw new NotSupportedException();

    public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

    public override void SetLength(long value) => throw new NotSupportedException();

    public override void Write(byte[] buffer, int offset, int count) => WriteAsync(buffer.AsMemory(offset, count)).AsTask().GetAwaiter().GetResult();
}
