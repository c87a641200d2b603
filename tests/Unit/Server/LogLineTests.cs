using System.Text;
using System.Text.Json;
using FullStack.Harness;
using FullStack.Server.Configuration;
using FullStack.Server.Logging;
using Microsoft.Extensions.Logging;

namespace FullStack.Unit.Server;

public sealed class LogLineTests
{
    private readonly ManualTimeProvider _time = new();

    [Fact]
    public void Text_is_one_line_per_event()
    {
        string[] lines = Log(LogFormat.Text, static logger =>
        {
            logger.Log(LogLevel.Information, new EventId(2201, "RecipientRefused"), "conn7 refused", null, static (s, _) => s);
            logger.Log(LogLevel.Error, new EventId(9012), "failed", new InvalidOperationException("a\r\nb\u001b[31m"), static (s, _) => s);
        });
        Assert.Equal("2026-03-02T10:00:00.000Z info Smtp.RecipientRefused[2201] conn7 refused", lines[0]);
        Assert.StartsWith(@"2026-03-02T10:00:00.000Z error Smtp[9012] failed: System.InvalidOperationException: a\nb\x1b[31m", lines[1], StringComparison.Ordinal);
        Assert.Equal(2, lines.Length);
    }

    [Fact]
    public void Json_has_the_values_as_fields()
    {
        string line = Assert.Single(Log(LogFormat.Json, static logger => logger.Log(
            LogLevel.Warning, new EventId(5), (IReadOnlyList<KeyValuePair<string, object?>>)[new("ConnectionId", "c1"), new("Octets", 42L), new("{OriginalFormat}", "x")],
            null, static (_, _) => "c1 \"took\" 42\n")));
        using JsonDocument json = JsonDocument.Parse(line);
        Assert.Equal("warn", json.RootElement.GetProperty("level").GetString());
        Assert.Equal("c1 \"took\" 42\n", json.RootElement.GetProperty("message").GetString());
        Assert.Equal("c1", json.RootElement.GetProperty("fields").GetProperty("connectionId").GetString());
        Assert.Equal(42, json.RootElement.GetProperty("fields").GetProperty("octets").GetInt64());
        Assert.Equal(2, json.RootElement.GetProperty("fields").EnumerateObject().Count());
    }

    [Fact]
    public void Lower_levels_are_left_out()
        => Assert.Empty(Log(LogFormat.Text, static logger => logger.Log(LogLevel.Debug, new EventId(1), "x", null, static (s, _) => s)));

    [Fact]
    public void A_stalled_reader_stalls_nobody_and_is_told_what_it_missed()
    {
        using StalledStream output = new();
        using (LogSink sink = new(output, LogFormat.Text, LogLevel.Information))
        {
            for (int i = 0; i < (2 * LogSink.Capacity) + 100; i++) // more than can wait and be in the writer's hands
                sink.Add("line\n"u8.ToArray());
            output.Go();
        }

        string text = Encoding.UTF8.GetString(output.ToArray());
        Assert.Matches(@"\(\d+ log lines were dropped", text);
    }

    [Fact]
    public void Lines_that_wait_for_one_reader_come_together()
        => Assert.InRange(WritesOfFour(static output => new(output, LogFormat.Text, LogLevel.Information)), 1, 2);

    [Fact]
    public void Each_datagram_is_one_event()
        => Assert.Equal(4, WritesOfFour(static output => new(output, static (in LogEntry _, IReadOnlyList<KeyValuePair<string, object?>> _) => [], LogLevel.Information)));

    // The first may go alone, before the others wait.
    private static int WritesOfFour(Func<Stream, LogSink> open)
    {
        using StalledStream output = new();
        using (LogSink sink = open(output))
        {
            for (int i = 0; i < 4; i++)
                sink.Add("line\n"u8.ToArray());
            output.Go();
        }

        Assert.Equal(4 * 5, output.Length);
        return output.Writes;
    }

    private string[] Log(LogFormat format, Action<ILogger> write)
    {
        using MemoryStream output = new();
        using (LogSink sink = new(output, format, LogLevel.Information))
        using (ILoggerFactory loggers = LineLoggerProvider.FactoryFor(sink, _time))
            write(loggers.CreateLogger("FullStack.Smtp.Server.SmtpSession"));
        return Encoding.UTF8.GetString(output.ToArray()).Split('\n', StringSplitOptions.RemoveEmptyEntries);
    }

    private sealed class StalledStream : MemoryStream
    {
        private readonly ManualResetEventSlim _go = new();

        public int Writes { get; private set; }

        public void Go() => _go.Set();

        public override void Write(ReadOnlySpan<byte> buffer)
        {
            _go.Wait();
            Writes++;
            base.Write(buffer);
        }

        protected override void Dispose(bool disposing)
        {
            _go.Dispose();
            base.Dispose(disposing);
        }
    }
}
