using FullStack.Mime;
using FullStack.Store.Mailboxes;

namespace FullStack.Imap.Fetch;

/// <summary>Finds the structure of a message that is at hand, where what the index has of it does not hold: its file was replaced behind the index's back.</summary>
internal static class MessageStructure
{
    public static async ValueTask<MimeMessage> ParseAsync(MessageContent content, CancellationToken ct)
    {
        MessageParser parser = new();
        byte[] chunk = new byte[64 * 1024];
        long offset = 0;
        for (int got = await content.ReadAsync(chunk, offset, ct); got > 0; got = await content.ReadAsync(chunk, offset, ct))
        {
            parser.Push(chunk.AsSpan(0, got));
            offset += got;
        }

        return parser.Complete();
    }
}
