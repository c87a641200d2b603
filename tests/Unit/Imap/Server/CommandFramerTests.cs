using System.IO.Pipelines;
using System.Net;
using System.Text;
using FullStack.Harness;
using FullStack.Imap;
using FullStack.Imap.Commands;
using FullStack.Imap.Server;
using FullStack.Net;

namespace FullStack.Unit.Imap.Server;

/// <summary>Lines and literals become frames, whatever pieces they come in, and refusals leave the stream in step.</summary>
public sealed class CommandFramerTests
{
    private const int MaxLiteralOctets = 100;

    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(1);

    [Theory]
    [InlineData("a LOGIN joe secret\r\n", "a LOGIN joe secret")]
    [InlineData("a LOGIN {3}\r\njoe {6}\r\nsecret\r\n", "a LOGIN {3}\r\njoe {6}\r\nsecret")]
    [InlineData("a LOGIN {3+}\r\njoe {6+}\r\nsecret\r\n", "a LOGIN {3+}\r\njoe {6+}\r\nsecret")]
    [InlineData("a LOGIN {0+}\r\n {4+}\r\n{9}\n\r\n", "a LOGIN {0+}\r\n {4+}\r\n{9}\n")]
    [InlineData("a LOGIN joe secret\n", "a LOGIN joe secret")]
    public async Task Commands_are_framed_at_every_split(string input, string expected)
    {
        for (int split = 0; split <= input.Length; split++)
        {
            await using Peer peer = new();
            Task<CommandFrame> frame = peer.ReadAsync(ImapStates.NotAuthenticated);
            await peer.SendAsync(input[..split]);
            await peer.SendAsync(input[split..]);
            Assert.Equal(expected, Encoding.ASCII.GetString((await frame).Octets.Span));
            Assert.Equal(FrameKind.Whole, (await frame).Kind);
            await peer.AssertInStepAsync();
        }
    }

    [Theory]
    [InlineData("a LOGIN {101}\r\n", "No")] // never sent: the client waits
    [InlineData("a LOGIN {101+}\r\n{*} x\r\n", "No")]
    [InlineData("a LOGIN {60+}\r\n{60} {41+}\r\n{41}\r\n", "No")]
    [InlineData("a LOGIN {101+}\r\n{*} {7+}\r\n1234567 {3+}\r\n123\r\n", "No")]
    [InlineData("a LOGIN {101+}\r\n{*} {7}\r\n", "No")]
    [InlineData("a FOO {101+}\r\n{*}\r\n", "Bad")]
    [InlineData("a FOO {101}\r\n", "Bad")]
    [InlineData("a SELECT {5+}\r\ninbox\r\n", "Bad")]
    [InlineData("a APPEND inbox {101+}\r\n{*}\r\n", "Bad")]
    public async Task A_refused_command_leaves_the_stream_in_step(string input, string expected)
    {
        input = input.Replace("{*}", new string('x', 101), StringComparison.Ordinal)
            .Replace("\n{60} ", "\n" + new string('y', 60) + " ", StringComparison.Ordinal)
            .Replace("\n{41}\r", "\n" + new string('z', 41) + "\r", StringComparison.Ordinal);
        for (int split = 0; split <= input.Length; split++)
        {
            await using Peer peer = new();
            Task<CommandFrame> frame = peer.ReadAsync(ImapStates.NotAuthenticated);
            await peer.SendAsync(input[..split]);
            await peer.SendAsync(input[split..]);
            Assert.Equal(FrameKind.Refused, (await frame).Kind);
            Assert.Equal(expected, (await frame).Refusal.Status.ToString());
            await peer.AssertInStepAsync();
        }
    }

    [Fact]
    public async Task A_literal_without_end_ends_the_session()
    {
        await using Peer peer = new();
        Task<CommandFrame> frame = peer.ReadAsync(ImapStates.NotAuthenticated);
        await peer.SendAsync("a LOGIN {99999999999+}\r\n");
        Assert.Equal(ImapStatus.Bye, (await frame).Refusal.Status);
    }

    [Fact]
    public async Task A_waiting_client_is_asked_to_send()
    {
        await using Peer peer = new();
        Task<CommandFrame> frame = peer.ReadAsync(ImapStates.NotAuthenticated);
        await peer.SendAsync("a LOGIN {3}\r\n");
        Assert.StartsWith("+ ", await peer.ReceiveAsync(), StringComparison.Ordinal);
        await peer.SendAsync("joe secret\r\n");
        Assert.Equal("a LOGIN {3}\r\njoe secret", Encoding.ASCII.GetString((await frame).Octets.Span));
    }

    [Theory]
    [InlineData("a APPEND inbox {7}\r\n", false, 7)]
    [InlineData("a APPEND inbox (\\Seen) {5000000+}\r\n", true, 5_000_000)]
    [InlineData("a APPEND {5+}\r\ninbox \" 1-Jan-2026 00:00:00 +0000\" {9+}\r\n", true, 9)]
    public async Task Append_reads_its_message_itself(string input, bool onTheWay, long octets)
    {
        for (int split = 0; split <= input.Length; split++)
        {
            await using Peer peer = new();
            Task<CommandFrame> frame = peer.ReadAsync(ImapStates.Authenticated);
            await peer.SendAsync(input[..split]);
            await peer.SendAsync(input[split..]);
            Assert.Equal(FrameKind.EndsInLiteral, (await frame).Kind);
            Assert.IsType<AppendCommand>((await frame).Command);
            Assert.Equal((octets, !onTheWay), ((await frame).Literal.Octets, (await frame).Literal.IsSynchronizing));
        }
    }

    [Theory]
    [InlineData("a APPEND inbox (\\Foo) {7}\r\n")]
    [InlineData("a APPEND inbox (\\Foo) {7+}\r\n1234567\r\n")]
    [InlineData("a APPEND inbox \"never\" {7+}\r\n1234567\r\n")]
    [InlineData("a APPEND inbox utf8 ({7+}\r\n1234567\r\n")]
    public async Task A_broken_append_is_refused_before_its_message(string input)
    {
        await using Peer peer = new();
        Task<CommandFrame> frame = peer.ReadAsync(ImapStates.Authenticated);
        await peer.SendAsync(input);
        Assert.Equal(FrameKind.Refused, (await frame).Kind);
        Assert.Equal(ImapStatus.Bad, (await frame).Refusal.Status);
        await peer.AssertInStepAsync();
    }

    [Fact]
    public async Task What_an_append_left_unread_is_skipped()
    {
        const string rest = "1234567 {3+}\r\nabc junk\r\n";
        for (int split = 0; split <= rest.Length; split++)
        {
            await using Peer peer = new();
            Task<CommandFrame> frame = peer.ReadAsync(ImapStates.Authenticated);
            await peer.SendAsync("a APPEND inbox {7+}\r\n");
            IncomingLiteral literal = new(peer.Connection, (await frame).Literal, Patience);
            Task<ImapCompletion?> skip = peer.Framer.SkipRestAsync(literal, Patience, TestContext.Current.CancellationToken).AsTask();
            await peer.SendAsync(rest[..split]);
            await peer.SendAsync(rest[split..]);
            Assert.Null(await skip);
            await peer.AssertInStepAsync();
        }
    }

    [Fact]
    public async Task An_over_long_command_is_bad_and_in_step()
    {
        await using Peer peer = new();
        Task<CommandFrame> frame = peer.ReadAsync(ImapStates.NotAuthenticated);
        await peer.SendAsync("a LOGIN {3+}\r\njoe " + new string('x', 70_000) + "\r\n");
        Assert.Equal(ImapStatus.Bad, (await frame).Refusal.Status);
        await peer.AssertInStepAsync();
    }

    /// <summary>A connection over pipes in memory, with a framer at its end.</summary>
    private sealed class Peer : IAsyncDisposable, IDuplexPipe
    {
        private readonly Pipe _toServer = new();
        private readonly Pipe _toClient = new();
        private readonly ImapOptions _options = new();

        public Peer()
        {
            IPEndPoint nobody = new(IPAddress.Loopback, 1);
            Connection = new(this, "test", nobody, nobody, new ManualTimeProvider());
            Framer = new(Connection, _options);
        }

        public MailConnection Connection { get; }
        public CommandFramer Framer { get; }
        public PipeReader Input => _toServer.Reader;
        public PipeWriter Output => _toClient.Writer;

        public async Task<CommandFrame> ReadAsync(ImapStates state)
        {
            LineFrame line = await Connection.ReadLineAsync(_options.MaxLineOctets, Patience, ct: TestContext.Current.CancellationToken);
            CommandHead head = CommandHead.Read(line.Line.Span, ImapVerbTable.Standard, state);
            return await Framer.CompleteAsync(line.Line, head, MaxLiteralOctets, Patience, TestContext.Current.CancellationToken);
        }

        public async Task SendAsync(string octets)
        {
            await _toServer.Writer.WriteAsync(Encoding.Latin1.GetBytes(octets), TestContext.Current.CancellationToken);
            await Task.Yield();
        }

        public async Task<string> ReceiveAsync()
        {
            ReadResult read = await _toClient.Reader.ReadAsync(TestContext.Current.CancellationToken);
            string text = Encoding.Latin1.GetString(read.Buffer);
            _toClient.Reader.AdvanceTo(read.Buffer.End);
            return text;
        }

        /// <summary>The next command is read as what it is.</summary>
        public async Task AssertInStepAsync()
        {
            Framer.Release();
            Task<CommandFrame> next = ReadAsync(ImapStates.NotAuthenticated);
            await SendAsync("z NOOP\r\n");
            Assert.Equal((FrameKind.Whole, "z NOOP"), ((await next).Kind, Encoding.ASCII.GetString((await next).Octets.Span)));
        }

        public async ValueTask DisposeAsync()
        {
            Framer.Release();
            await Connection.DisposeAsync();
            await _toServer.Writer.CompleteAsync();
            await _toClient.Reader.CompleteAsync();
        }
    }
}
