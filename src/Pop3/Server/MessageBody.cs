using System.Buffers;
using FullStack.Net;
using FullStack.Store;
using FullStack.Store.Mailboxes;

namespace FullStack.Pop3.Server;

/// <summary>A message, dot-stuffed: whole, or its header, the blank line and the first lines of its body.</summary>
/// <remarks>RFC 1939 §3 and §7. Takes the content over and closes it.</remarks>
internal sealed class MessageBody : Pop3Body
{
    private const int BufferOctets = 16 * 1024;

    private readonly MessageContent _content;
    private readonly SurrogateMessage? _surrogate;
    private readonly int? _bodyLines;

    /// <param name="content">The message.</param>
    /// <param name="surrogate">The form to send in its place; null: itself.</param>
    /// <param name="bodyLines">How many lines of the body; null for all.</param>
    private MessageBody(MessageContent content, SurrogateMessage? surrogate, int? bodyLines) => (_content, _surrogate, _bodyLines) = (content, surrogate, bodyLines);

    /// <summary>Opens a message in the form that the client can take.</summary>
    /// <returns>The body, or the answer that says why there is none.</returns>
    public static async ValueTask<(MessageBody? Body, Pop3Reply? Refusal)> OpenAsync(
        Pop3Session session, MaildropEntry entry, int? bodyLines, CancellationToken ct)
    {
        Result<MessageContent> opened = await session.Maildrop.OpenMessageAsync(entry, ct);
        if (!opened.Ok)
            return (null, Pop3Reply.Err(opened.Error));
        MessageContent? content = opened.Value;
        try
        {
            SurrogateMessage? surrogate = session.IsUtf8 || session.Server.Options.WithoutUtf8 == WithoutUtf8.AsIs
                ? null
                : await session.Maildrop.SurrogateOfAsync(entry, content, ct);
            if (surrogate is not null && session.Server.Options.WithoutUtf8 == WithoutUtf8.Refuse)
                return (null, Pop3Reply.NeedsUtf8);
            MessageBody body = new(content, surrogate, bodyLines);
            content = null;
            return (body, null);
        }
        finally
        {
            content?.Dispose();
        }
    }

    /// <exception cref="IOException">The file cannot be read to its end: only breaking off tells the client that the message is not whole.</exception>
    public override async ValueTask WriteAsync(MailConnection connection, CancellationToken ct)
    {
        await using MessageContent opened = _content;
        if (_surrogate is null && _bodyLines is null && TryWriteWhole(opened, connection.Output))
            return;
        await using Stream wire = _surrogate?.OpenWire() ?? opened.OpenWire();
        byte[] buffer = ArrayPool<byte>.Shared.Rent(BufferOctets);
        try
        {
            DotStuffer stuffer = new();
            TopLimit? limit = _bodyLines is { } lines ? new(lines) : null;
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

    /// <summary>Writes a message that was read whole when it was opened, without a buffer between.</summary>
    private static bool TryWriteWhole(MessageContent content, IBufferWriter<byte> output)
    {
        if (!content.TryGetStored(out ReadOnlySpan<byte> stored))
            return false;
        StoredLines.Write(stored, output);
        return true;
    }
}
