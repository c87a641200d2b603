using FullStack.Imap.Responses;
using FullStack.Imap.Server;

namespace FullStack.Imap.Threading;

/// <summary>Writes threads.</summary>
/// <remarks>
/// RFC 5256 §4 THREAD and §5: thread-list = "(" (thread-members / thread-nested) ")"; thread-members = nz-number *(SP nz-number)
/// [SP thread-nested]; thread-nested = 2*thread-list. "There is no limit to the nesting of threads", so it is walked without recursion.
/// </remarks>
internal sealed class ThreadResponder(ImapSession session, bool byUid)
{
    private const int NodesPerFlush = 1024;

    private readonly ImapResponseWriter _writer = session.Writer;
    private int _written;

    public async ValueTask SendAsync(IReadOnlyList<ThreadNode> threads, CancellationToken ct)
    {
        _writer.Write("* THREAD"u8);
        if (threads.Count > 0)
            _writer.Space();
        foreach (ThreadNode thread in threads)
            await SendListAsync(thread, ct);
        _writer.EndLine();
        await session.Connection.FlushIfLargeAsync(ct);
    }

    private async ValueTask SendListAsync(ThreadNode thread, CancellationToken ct)
    {
        Stack<IEnumerator<ThreadNode>> open = new();
        IEnumerator<ThreadNode>? forks = await SendChainAsync(thread, ct);
        while (true)
        {
            if (forks is not null)
            {
                open.Push(forks);
            }
            else
            {
                _writer.Write((byte)')');
            }

            while (open.TryPeek(out IEnumerator<ThreadNode>? innermost) && !innermost.MoveNext())
            {
                open.Pop();
                _writer.Write((byte)')');
            }

            if (open.Count == 0)
                return;
            forks = await SendChainAsync(open.Peek().Current, ct);
        }
    }

    /// <summary>Writes a parenthesis and the messages from a node on as long as each has but one reply.</summary>
    /// <returns>The replies where there are several; null where there is none, and the list ends.</returns>
    private async ValueTask<IEnumerator<ThreadNode>?> SendChainAsync(ThreadNode node, CancellationToken ct)
    {
        _writer.Write((byte)'(');
        bool isFirst = true;
        while (true)
        {
            if (node.Message is { } message)
            {
                if (!isFirst)
                    _writer.Space();
                isFirst = false;
                _writer.Number(byUid ? session.View.UidOf(message.Number).Value : (uint)message.Number);
                if (++_written % NodesPerFlush == 0)
                    await session.Connection.FlushIfLargeAsync(ct);
            }

            if (node.FirstChild is null)
                return null;
            if (node.FirstChild != node.LastChild)
            {
                if (!isFirst)
                    _writer.Space();
                return node.Children().GetEnumerator();
            }

            node = node.FirstChild;
        }
    }
}
