using System.Buffers.Binary;
using System.Net.Sockets;
using System.Text;
using FullStack.Harness;
using FullStack.Server.Logging;
using Microsoft.Extensions.Logging;

namespace FullStack.Unit.Server.Logging;

/// <summary>Events as journald and syslog daemons get them.</summary>
public sealed class LogTargetTests : IDisposable
{
    private readonly ScratchFolder _folder = new();
    private readonly ManualTimeProvider _time = new();
    private readonly Socket _daemon = new(AddressFamily.Unix, SocketType.Dgram, ProtocolType.Unspecified);

    private string Path => _folder.File("socket");

    public LogTargetTests() => _daemon.Bind(new UnixDomainSocketEndPoint(Path));

    public void Dispose()
    {
        _daemon.Dispose();
        _folder.Dispose();
    }

    [Fact]
    public void The_journal_gets_fields_that_no_value_can_end()
    {
        Dictionary<string, string> fields = FieldsOf(Sent(SystemJournal.Layout, static logger => logger.Log(
            LogLevel.Information, new EventId(2201, "RecipientRefused"),
            (IReadOnlyList<KeyValuePair<string, object?>>)[new("ConnectionId", "c1"), new("Address", "192.0.2.1"), new("ForwardPath", "a\nPRIORITY=0"), new("{OriginalFormat}", "x")],
            null, static (_, _) => "c1 RCPT\nfrom")));
        Assert.Equal("Smtp.RecipientRefused[2201] c1 RCPT\\nfrom", fields["MESSAGE"]);
        Assert.Equal(("6", "fullstack", "2"), (fields["PRIORITY"], fields["SYSLOG_IDENTIFIER"], fields["SYSLOG_FACILITY"]));
        Assert.Equal(("Smtp.RecipientRefused", "2201"), (fields["FULLSTACK_EVENT"], fields["FULLSTACK_EVENT_ID"]));
        Assert.Equal(("c1", "192.0.2.1", "a\nPRIORITY=0"), (fields["FULLSTACK_CONNECTION_ID"], fields["FULLSTACK_PEER"], fields["FULLSTACK_FORWARD_PATH"]));
        Assert.Equal(9, fields.Count);
    }

    [Theory]
    [InlineData("QueueId", "FULLSTACK_QUEUE_ID")]
    [InlineData("RemoteEndPoint", "FULLSTACK_PEER")]
    [InlineData("Identity", "FULLSTACK_ACCOUNT")]
    public void Fields_have_one_name_each(string value, string field) => Assert.Equal(field, SystemJournal.FieldOf(value));

    [Theory]
    [InlineData("8:1234", "socket:[1234]", true)]
    [InlineData("8:1234", "socket:[12345]", false)]
    [InlineData("8:1234", "/dev/null", false)]
    [InlineData("nonsense", "socket:[1234]", false)]
    [InlineData(null, "socket:[1234]", false)]
    public void Standard_error_is_the_journal_only_where_its_inode_says_so(string? stream, string? standardError, bool expected)
        => Assert.Equal(expected, SystemJournal.IsJournal(stream, standardError));

    [Fact]
    public void Syslog_gets_the_facility_of_mail_and_one_line()
    {
        string line = Encoding.UTF8.GetString(Sent(new SyslogLine(_time, 42).Layout, static logger => logger.Log(
            LogLevel.Warning, new EventId(9099, "X"), "s", new InvalidOperationException("a\nb"), static (_, _) => "one\ntwo")));
        Assert.StartsWith(@"<20>Mar  2 10:00:00 fullstack[42]: Smtp.X[9099] one\ntwo: System.InvalidOperationException: a\nb", line, StringComparison.Ordinal);
    }

    [Fact]
    public void What_is_too_long_for_syslog_is_cut()
        => Assert.Equal(8192, Sent(new SyslogLine(_time, 42).Layout, static logger => logger.Log(LogLevel.Error, new EventId(1), "s", null, static (_, _) => new string('x', 20_000))).Length);

    [Fact]
    public void A_daemon_that_starts_anew_is_found_again()
    {
        using DatagramOutput output = new(Path);
        output.Write("one"u8);
        Assert.Equal("one", Receive(_daemon));
        _daemon.Dispose();
        File.Delete(Path);
        output.Write("lost"u8);
        using Socket anew = new(AddressFamily.Unix, SocketType.Dgram, ProtocolType.Unspecified);
        anew.Bind(new UnixDomainSocketEndPoint(Path));
        output.Write("two"u8);
        Assert.Equal("two", Receive(anew));
    }

    private static string Receive(Socket socket)
    {
        byte[] buffer = new byte[64];
        return Encoding.UTF8.GetString(buffer, 0, socket.Receive(buffer));
    }

    private byte[] Sent(LogLayout layout, Action<ILogger> write)
    {
        using DatagramOutput output = new(Path);
        using (LogSink sink = new(output, layout, LogLevel.Information))
        using (ILoggerFactory loggers = LineLoggerProvider.FactoryFor(sink, _time))
            write(loggers.CreateLogger("FullStack.Smtp.Server.SmtpSession"));
        byte[] buffer = new byte[64 * 1024];
        return buffer[.._daemon.Receive(buffer)];
    }

    private static Dictionary<string, string> FieldsOf(byte[] datagram)
    {
        Dictionary<string, string> fields = [];
        for (int at = 0; at < datagram.Length;)
        {
            int end = Array.IndexOf(datagram, (byte)'\n', at);
            int length = (int)BinaryPrimitives.ReadUInt64LittleEndian(datagram.AsSpan(end + 1));
            fields.Add(Encoding.ASCII.GetString(datagram, at, end - at), Encoding.UTF8.GetString(datagram, end + 9, length));
            at = end + 9 + length;
            Assert.Equal((byte)'\n', datagram[at++]);
        }

        return fields;
    }
}
