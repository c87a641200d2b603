using System.Buffers;
using FullStack.Net;
using FullStack.Store.Mailboxes;

namespace FullStack.Pop3.Server;

/// <summary>A message, dot-stuffed: whole, or its header, the blank line and the first lines of its body.</summary>
/// <remarks>RFC 1939 §3 and §7. Takes the content over and closes it.</remarks>
/// <param name="content">The message.</param>
/// <param name="bodyLines">How many lines of the body; null for all.</param>
internal sealed class MessageBody(MessageContent content, int? bodyLines) : Pop3Body
{
    private const int BufferOctets = 16 * 1024;

    /// <exception cref="IOException">The file cannot be read to its end: only breaking off tells the client that the message is not whole.</exception>
    public override async ValueTask WriteAsync(MailConnection connection, CancellationToken ct)
    {
        await using MessageContent opened = content;
        await using Stream wire = opened.OpenWire();
        byte[] buffer = ArrayPool<byte>.Shared.Rent(BufferOctets);
        try
        {
            DotStuffer stuffer = new();
            TopLimit? limit = bodyLines is { } lines ? new(lines) : null;
            int read;
            while (limit is not { IsReached: true } && (read = await wire.ReadAsync(buffer, ct)) > 0)
            {
                ReadOnlySpan<byte> chunk = buffer.AsSpan(0, read);
                stuffer.Push(limit is null ? chunk : chunk[..limit.Take(chunk)], connection.Output);
                await connection.FlushIfLargeAsync(ct);
            }

            stuffer.Finish(connection.Output);
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(buffer);
        }
    }
}
