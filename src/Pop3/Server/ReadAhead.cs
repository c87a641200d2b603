using FullStack.Store.Mailboxes;

namespace FullStack.Pop3.Server;

/// <summary>Messages that were read together with one that was asked for, because the client takes them one after the other.</summary>
/// <remarks>The further it has gone on so, the more: a client that looks at one message costs the reading of one.</remarks>
internal sealed class ReadAhead
{
    /// <summary>Most octets on the wire that are read together; also what a session may hold in memory of messages not asked for yet.</summary>
    public const int MaxOctets = 128 * 1024;

    private const int MaxMessages = 16;

    private readonly Queue<MessageContent?> _contents = new();
    private int _first;
    private int _last;
    private int _run;

    /// <summary>Takes a message that was read; all are forgotten where another one is asked for than the next.</summary>
    public bool TryTake(int number, out MessageContent? content)
    {
        content = null;
        if (number != _first || !_contents.TryDequeue(out content))
        {
            Clear();
            return false;
        }

        _last = _first++;
        return true;
    }

    /// <summary>How many messages to read, from one on that was not read yet.</summary>
    public int Window(int number)
    {
        _run = number == _last + 1 ? Math.Min(2 * Math.Max(_run, 1), MaxMessages) : 1;
        _last = number;
        return _run;
    }

    /// <summary>Keeps what was read for later.</summary>
    /// <param name="first">The number of the first.</param>
    /// <param name="contents">They, and null for those that could not be read.</param>
    public void Put(int first, ReadOnlySpan<MessageContent?> contents)
    {
        Clear();
        _first = first;
        foreach (MessageContent? content in contents)
            _contents.Enqueue(content);
    }

    public void Clear()
    {
        while (_contents.TryDequeue(out MessageContent? content))
            content?.Dispose();
    }
}
