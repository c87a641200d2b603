using System.Buffers;
using System.Globalization;
using System.Text;

namespace FullStack.Smtp.Client;

/// <summary>Sends one message's octets, after DATA or in chunks.</summary>
/// <remarks>RFC 5321 §4.1.1.4 and §4.5.2; BDAT RFC 3030 §2.</remarks>
internal sealed class OutgoingContent(HostSession session, Stream content, ClientEnvironment environment)
{
    private const int PieceOctets = 32 * 1024;

    /// <summary>Chunks sent whose replies are not read yet: few, so that neither side waits for the other to read.</summary>
    private const int ChunksAhead = 4;

    /// <summary>Time that <see cref="SmtpClientOptions.MinDataRate"/> does not count.</summary>
    private static readonly TimeSpan Grace = TimeSpan.FromMinutes(5);

    private readonly HostConnection _connection = session.Connection;
    private TimeSpan _waited;
    private long _octets;
    private int _unanswered;

    /// <summary>The end of the message is on its way or may be: the host may have all of it, whatever is heard of it.</summary>
    public bool IsEndWritten { get; private set; }

    private SmtpClientOptions Options => environment.Options;

    /// <summary>Sends all after DATA, and the dot.</summary>
    /// <exception cref="IOException">The message cannot be read. Nothing of what went out counts, for the dot was not sent.</exception>
    /// <exception cref="HostFailedException">The host takes no more.</exception>
    public async ValueTask SendTextAsync(CancellationToken ct)
    {
        OutgoingText text = new(isStuffed: true);
        byte[] piece = ArrayPool<byte>.Shared.Rent(PieceOctets);
        try
        {
            while (await content.ReadAsync(piece, ct) is var read and > 0)
            {
                text.Push(piece.AsSpan(0, read), _connection.Wire.Output);
                if (_connection.Wire.Output.UnflushedBytes >= PieceOctets)
                    await FlushAsync(ct);
            }
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(piece);
        }

        text.Complete(_connection.Wire.Output);
        _connection.Wire.Write(".\r\n"u8);
        IsEndWritten = true;
        await FlushAsync(ct);
    }

    /// <summary>Sends all in chunks, the last one marked.</summary>
    /// <param name="isBinary">The octets go as they are: the host was told BODY=BINARYMIME.</param>
    /// <returns>The refusal of a chunk before the last one; null where all went out, and the replies to the last one are to be read.</returns>
    /// <exception cref="IOException">The message cannot be read. Nothing of what went out counts, for the last chunk was not sent.</exception>
    /// <exception cref="HostFailedException">The host takes no more.</exception>
    public async ValueTask<HostReply?> SendChunksAsync(bool isBinary, CancellationToken ct)
    {
        OutgoingText text = new(isStuffed: false);
        ArrayBufferWriter<byte> chunk = new(PieceOctets);
        byte[] piece = ArrayPool<byte>.Shared.Rent(PieceOctets);
        try
        {
            while (await content.ReadAsync(piece, ct) is var read and > 0)
            {
                if (chunk.WrittenCount >= Options.ChunkOctets && await SendChunkAsync(chunk, ct) is { } refusal)
                    return refusal;
                if (isBinary)
                    chunk.Write(piece.AsSpan(0, read));
                else
                    text.Push(piece.AsSpan(0, read), chunk);
            }
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(piece);
        }

        if (!isBinary)
            text.Complete(chunk);
        WriteChunk(chunk, " LAST");
        IsEndWritten = true;
        await FlushAsync(ct);
        return await ReadAnswersAsync(0, ct);
    }

    private async ValueTask<HostReply?> SendChunkAsync(ArrayBufferWriter<byte> chunk, CancellationToken ct)
    {
        WriteChunk(chunk, "");
        await FlushAsync(ct);
        chunk.ResetWrittenCount();
        _unanswered++;
        return await ReadAnswersAsync(session.Extensions.Pipelining ? ChunksAhead : 0, ct);
    }

    private void WriteChunk(ArrayBufferWriter<byte> chunk, string last)
    {
        _connection.Wire.Write(Encoding.ASCII.GetBytes(string.Create(CultureInfo.InvariantCulture, $"BDAT {chunk.WrittenCount}{last}\r\n")));
        _connection.Wire.Write(chunk.WrittenSpan);
    }

    private async ValueTask<HostReply?> ReadAnswersAsync(int leave, CancellationToken ct)
    {
        for (; _unanswered > leave; _unanswered--)
        {
            HostReply reply = await _connection.ReadReplyAsync(Options.PieceTimeout, ct);
            if (!reply.IsSuccess)
                return reply;
        }

        return null;
    }

    private async ValueTask FlushAsync(CancellationToken ct)
    {
        _octets += _connection.Wire.Output.UnflushedBytes;
        long begun = environment.Time.GetTimestamp();
        await _connection.FlushAsync(ct);
        _waited += environment.Time.GetElapsedTime(begun);
        if (Options.MinDataRate > 0 && _waited > Grace + TimeSpan.FromSeconds((double)_octets / Options.MinDataRate))
            throw _connection.Failed(new Net.PeerTimeoutException());
    }
}
