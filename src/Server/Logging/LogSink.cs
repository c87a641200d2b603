using System.Globalization;
using System.Text;
using System.Threading.Channels;
using FullStack.Server.Configuration;
using Microsoft.Extensions.Logging;

namespace FullStack.Server.Logging;

/// <summary>Writes log lines on a thread of its own, so that a reader that stalls never stalls mail.</summary>
/// <remarks>Lines that find the queue full are dropped and counted; the count is written when there is room again.</remarks>
internal sealed class LogSink : IDisposable
{
    /// <summary>Lines waiting at most.</summary>
    public const int Capacity = 8192;

    private static readonly TimeSpan LastWords = TimeSpan.FromSeconds(2);

    private readonly Channel<byte[]> _lines = Channel.CreateBounded<byte[]>(new BoundedChannelOptions(Capacity) { SingleReader = true });
    private readonly Stream _output;
    private readonly Thread _writer;
    private long _dropped;
    private volatile int _level;

    public LogSink(Stream output, LogFormat format, LogLevel level)
    {
        _output = output;
        Format = format;
        Level = level;
        _writer = new Thread(WriteLines) { IsBackground = true, Name = "log" };
        _writer.Start();
    }

    public LogFormat Format { get; }

    /// <summary>The least level written; may change at any time.</summary>
    public LogLevel Level { get => (LogLevel)_level; set => _level = (int)value; }

    /// <summary>Queues a line. Never waits.</summary>
    public void Add(byte[] line)
    {
        if (!_lines.Writer.TryWrite(line))
            Interlocked.Increment(ref _dropped);
    }

    /// <summary>Writes what waits, for at most 2 seconds.</summary>
    public void Dispose()
    {
        if (_lines.Writer.TryComplete())
            _writer.Join(LastWords);
    }

    private void WriteLines()
    {
        try
        {
            while (_lines.Reader.WaitToReadAsync().AsTask().GetAwaiter().GetResult())
            {
                while (_lines.Reader.TryRead(out byte[]? line))
                    _output.Write(line);
                if (Interlocked.Exchange(ref _dropped, 0) is > 0 and long dropped)
                    _output.Write(Encoding.UTF8.GetBytes(string.Create(CultureInfo.InvariantCulture, $"({dropped} log lines were dropped: they could not be written fast enough)\n")));
                _output.Flush();
            }
        }
        catch (IOException)
        {
            // Nobody reads the log any more. The server goes on: mail is worth more than its log.
            while (_lines.Reader.WaitToReadAsync().AsTask().GetAwaiter().GetResult())
            {
                while (_lines.Reader.TryRead(out _))
                {
                }
            }
        }
    }
}
