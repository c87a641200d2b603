using System.Globalization;
using FullStack.Server.Configuration;
using Microsoft.Extensions.Logging;

namespace FullStack.Server.Logging;

/// <summary>Makes the octets of an event, as they are written.</summary>
/// <param name="entry">The event.</param>
/// <param name="fields">The named values of its message.</param>
internal delegate byte[] LogLayout(in LogEntry entry, IReadOnlyList<KeyValuePair<string, object?>> fields);

/// <summary>Writes log lines on a thread of its own, so that a reader that stalls never stalls mail.</summary>
/// <remarks>
/// Lines that find the queue full are dropped and counted; the count is written when there is room again. The thread sleeps while there is nothing to write,
/// and is woken without another between. Once it has written it rests for a moment, so that a busy server does not wake it for each line.
/// </remarks>
internal sealed class LogSink : IDisposable
{
    /// <summary>Lines waiting at most.</summary>
    public const int Capacity = 8192;

    /// <summary>Octets written in one system call, from which on no further line is added.</summary>
    private const int OctetsTogether = 32 * 1024;

    private static readonly TimeSpan s_rest = TimeSpan.FromMilliseconds(10);
    private static readonly TimeSpan LastWords = TimeSpan.FromSeconds(2);

    private readonly object _gate = new(); // no Lock: the thread waits on it
    private readonly Queue<byte[]> _lines = new();
    private readonly Stream _output;
    private readonly int _octetsTogether;
    private readonly Thread _writer;
    private long _dropped;
    private int _wakeAt; // how many waiting lines wake the thread; 0: it is awake
    private bool _isComplete;
    private volatile int _level;

    /// <summary>Writes lines of text or JSON, many of them together where many wait.</summary>
    public LogSink(Stream output, LogFormat format, LogLevel level)
        : this(output, (in LogEntry entry, IReadOnlyList<KeyValuePair<string, object?>> fields) => LogLine.Render(format, entry, fields), level, OctetsTogether)
    {
    }

    /// <param name="output">Where events go: each is one call of <see cref="Stream.Write(ReadOnlySpan{byte})"/>. It stays open.</param>
    /// <param name="layout">How they look.</param>
    /// <param name="level">The least level written.</param>
    public LogSink(Stream output, LogLayout layout, LogLevel level)
        : this(output, layout, level, octetsTogether: 0)
    {
    }

    private LogSink(Stream output, LogLayout layout, LogLevel level, int octetsTogether)
    {
        _output = output;
        _octetsTogether = octetsTogether;
        Layout = layout;
        Level = level;
        _writer = new Thread(WriteLines) { IsBackground = true, Name = "log" };
        _writer.Start();
    }

    /// <summary>How events look there.</summary>
    public LogLayout Layout { get; }

    /// <summary>The least level written; may change at any time.</summary>
    public LogLevel Level { get => (LogLevel)_level; set => _level = (int)value; }

    /// <summary>Queues a line. Never waits.</summary>
    public void Add(byte[] line)
    {
        lock (_gate)
        {
            if (_isComplete)
                return;
            if (_lines.Count == Capacity)
            {
                _dropped++;
                return;
            }

            _lines.Enqueue(line);
            if (_lines.Count == _wakeAt)
                Monitor.Pulse(_gate);
        }
    }

    /// <summary>Writes what waits, for at most 2 seconds.</summary>
    public void Dispose()
    {
        lock (_gate)
        {
            if (_isComplete)
                return;
            _isComplete = true;
            Monitor.Pulse(_gate);
        }

        _writer.Join(LastWords);
    }

    private byte[] Dropped(long lines)
    {
        string text = string.Create(CultureInfo.InvariantCulture, $"({lines} log lines were dropped: they could not be written fast enough)");
        return Layout(new LogEntry(TimeProvider.System.GetUtcNow(), LogLevel.Warning, "Server", new EventId(9099, "LinesDropped"), text, null), []);
    }

    private void WriteLines()
    {
        using MemoryStream together = new();
        bool isRead = true;
        while (TryTake(together, out bool isLast, out long dropped))
        {
            isRead = isRead && TryWrite(together, isLast, dropped);
            if (isLast)
                Rest();
        }
    }

    /// <returns>False: nobody reads the log any more. The server goes on: mail is worth more than its log.</returns>
    private bool TryWrite(MemoryStream together, bool isLast, long dropped)
    {
        try
        {
            _output.Write(together.GetBuffer().AsSpan(0, (int)together.Length));
            if (dropped > 0)
                _output.Write(Dropped(dropped));
            if (isLast)
                _output.Flush();
            return true;
        }
        catch (IOException)
        {
            return false;
        }
    }

    private void Rest()
    {
        lock (_gate)
        {
            if (_isComplete || _lines.Count >= Capacity / 2)
                return;
            _wakeAt = Capacity / 2;
            Monitor.Wait(_gate, s_rest);
            _wakeAt = 0;
        }
    }

    /// <summary>Waits for lines, and takes what is written in one system call.</summary>
    /// <param name="together">Gets the lines.</param>
    /// <param name="isLast">Whether no more wait.</param>
    /// <param name="dropped">Once no more wait: how many were dropped since it was last told.</param>
    /// <returns>Whether there are any; else there never will be.</returns>
    private bool TryTake(MemoryStream together, out bool isLast, out long dropped)
    {
        together.SetLength(0);
        (isLast, dropped) = (true, 0);
        lock (_gate)
        {
            while (_lines.Count == 0)
            {
                if (_isComplete)
                    return false;
                _wakeAt = 1;
                Monitor.Wait(_gate);
                _wakeAt = 0;
            }

            do
                together.Write(_lines.Dequeue());
            while (together.Length < _octetsTogether && _lines.Count > 0);
            isLast = _lines.Count == 0;
            if (isLast)
                (dropped, _dropped) = (_dropped, 0);
        }

        return true;
    }
}
