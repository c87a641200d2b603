using FullStack.Mime;

namespace FullStack.Store.Mailboxes;

/// <summary>A message whose headers have UTF-8, in a form that has none (RFC 6858): some ranges of it are replaced, the others are as stored.</summary>
public sealed class SurrogateMessage
{
    /// <summary>Longest header that is rewritten; a longer one is sent as it is.</summary>
    private const int MaxHeaderOctets = 256 * 1024;

    /// <summary>Most octets of headers that are rewritten, for a message can have a hundred thousand parts.</summary>
    private const int MaxRewrittenOctets = 1 << 20;

    private readonly MessageContent _content;
    private readonly List<(long Start, long End, byte[] Header)> _replaced;

    private SurrogateMessage(MessageContent content, List<(long Start, long End, byte[] Header)> replaced) => (_content, _replaced) = (content, replaced);

    /// <summary>Rewrites the headers of a message and of its parts that need it; null where none does.</summary>
    internal static async ValueTask<SurrogateMessage?> MakeAsync(MessageContent content, MimeMessage structure, CancellationToken ct)
    {
        List<(long Start, long End, byte[] Header)> replaced = [];
        Stack<MimePart> left = new([structure.Root]);
        long rewritten = 0;
        while (rewritten < MaxRewrittenOctets && left.TryPop(out MimePart? part))
        {
            for (int child = part.Children.Count - 1; child >= 0; child--)
                left.Push(part.Children[child]);
            long length = part.BodyOffset - part.HeaderOffset;
            if (length is 0 or > MaxHeaderOctets)
                continue;
            byte[] header = new byte[length];
            int filled = 0;
            for (int read; filled < length && (read = await content.ReadAsync(header.AsMemory(filled), part.HeaderOffset + filled, ct)) > 0;)
                filled += read;
            if (filled < length || !SurrogateHeader.IsNeededFor(header))
                continue;
            rewritten += length;
            replaced.Add((part.HeaderOffset, part.BodyOffset, SurrogateHeader.Write(header)));
        }

        return replaced.Count == 0 ? null : new(content, replaced);
    }

    /// <summary>The whole message on the wire, forward only.</summary>
    public Stream OpenWire() => new SurrogateStream(Pieces());

    private IEnumerable<Stream> Pieces()
    {
        long at = 0;
        foreach ((long start, long end, byte[] header) in _replaced)
        {
            if (start > at)
                yield return _content.OpenWire(at, start - at);
            yield return new MemoryStream(header, writable: false);
            at = end;
        }

        yield return _content.OpenWire(at, _content.StoredOctets - at);
    }
}
