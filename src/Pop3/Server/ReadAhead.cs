using FullStack.Store.Mailboxes;

namespace FullStack.Pop3.Server;

/// <summary>Messages that were read together with one that was asked for, because the client takes them one after the other.</summary>
/// <remarks>
/// The further it has gone on so, the more: a client that looks at one message costs the reading of one. One that goes on takes messages that were
/// read while it took those before, so that it never waits for the disk.
/// </remarks>
internal sealed class ReadAhead
{
    /// <summary>Most octets on the wire that are read together. A session holds in memory twice that of messages not asked for yet.</summary>
    public const int MaxOctets = 256 * 1024;

    private const int MaxMessages = 64;

    /// <summary>From how many that were read together on it is a client that goes on.</summary>
    private const int GoesOn = 4;

    private readonly Queue<MessageContent?> _contents = new();
    private Task<MessageContent?[]>? _coming;
    private int _first;
    private int _last;
    private int _run;

    private int End => _first + _contents.Count;

    /// <summary>Takes a message that was read; all are forgotten where another one is asked for than the next.</summary>
    /// <returns>Null where it was not read, or could not be.</returns>
    public async ValueTask<MessageContent?> TakeAsync(int number)
    {
        if (_coming is { } coming && number == End && _contents.Count == 0)
        {
            _coming = null;
            Put(number, await coming);
        }

        if (number != _first || !_contents.TryDequeue(out MessageContent? content))
        {
            Clear();
            return null;
        }

        _last = _first++;
        return content;
    }

    /// <summary>How many messages to read, from one on that was not read yet.</summary>
    public int Window(int number)
    {
        _run = number == _last + 1 ? Math.Min(2 * Math.Max(_run, 1), MaxMessages) : 1;
        _last = number;
        return _run;
    }

    /// <summary>Whether it is time to read what follows what was read.</summary>
    /// <param name="number">From which message on.</param>
    /// <param name="count">How many.</param>
    public bool TryReadOn(out int number, out int count)
    {
        (number, count) = (End, _run);
        if (_coming is not null || _run < GoesOn || _contents.Count > _run / 2)
            return false;
        count = _run = Math.Min(2 * _run, MaxMessages);
        return true;
    }

    /// <summary>Messages that are being read, from where what was read ends.</summary>
    public void Expect(Task<MessageContent?[]> contents) => _coming = contents;

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
        Dispose(_contents);
        _contents.Clear();
        _coming?.ContinueWith(static read => Dispose(read.Result), CancellationToken.None, TaskContinuationOptions.OnlyOnRanToCompletion, TaskScheduler.Default);
        _coming = null;
    }

    private static void Dispose(IEnumerable<MessageContent?> contents)
    {
        foreach (MessageContent? content in contents)
            content?.Dispose();
    }
}
