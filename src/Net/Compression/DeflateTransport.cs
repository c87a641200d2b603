using System.IO.Compression;
using System.IO.Pipelines;

namespace FullStack.Net.Compression;

/// <summary>DEFLATE (RFC 1951) over a connection's pipes: pipes for what is inside. Each flush ends a block, so that the peer can read all that was sent.</summary>
internal sealed class DeflateTransport : IAsyncDisposable
{
    private readonly DeflateStream _inflate;
    private readonly DeflateStream _deflate;

    /// <param name="input">What the client sends; what it has sent already counts. It stays open.</param>
    /// <param name="output">What goes to the client. It stays open.</param>
    public DeflateTransport(PipeReader input, PipeWriter output)
    {
        _inflate = new(input.AsStream(leaveOpen: true), CompressionMode.Decompress);
        _deflate = new(output.AsStream(leaveOpen: true), CompressionLevel.Fastest);
        Input = PipeReader.Create(_inflate, new StreamPipeReaderOptions(leaveOpen: true, useZeroByteReads: true));
        Output = PipeWriter.Create(_deflate, new StreamPipeWriterOptions(leaveOpen: true));
    }

    public PipeReader Input { get; }

    public PipeWriter Output { get; }

    /// <summary>Ends the compressed stream as far as the peer still takes it.</summary>
    public async ValueTask SayGoodbyeAsync(CancellationToken ct)
    {
        try
        {
            await Output.FlushAsync(ct);
            await _deflate.DisposeAsync();
        }
        catch (Exception e) when (e is IOException or InvalidOperationException or OperationCanceledException)
        {
            // The peer is gone already.
        }
    }

    public async ValueTask DisposeAsync()
    {
        await Input.CompleteAsync();
        await Output.CompleteAsync(new PeerGoneException()); // with a reason: without one it would try to send again
        await _inflate.DisposeAsync();
    }
}
