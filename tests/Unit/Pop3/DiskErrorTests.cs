using System.Text;
using FullStack.Auth;
using FullStack.Auth.Backends;
using FullStack.Auth.Passwords;
using FullStack.Net;
using FullStack.Pop3;
using FullStack.Pop3.Server;
using FullStack.Store;
using FullStack.Store.Posix;
using FullStack.Unit.Auth;
using FullStack.Unit.Net;
using FullStack.Unit.Store;
using Microsoft.Extensions.Logging.Abstractions;

namespace FullStack.Unit.Pop3;

/// <summary>A session whose disk begins to fail after the login: what the client is told, and what stays.</summary>
public sealed class DiskErrorTests : IAsyncDisposable
{
    private const int BodyLines = 20_000;

    private readonly FailingFiles _files = new(new PosixFiles(SyncMode.None)) { Error = FileError.Failed };
    private readonly DirectoryFile _directory = new();
    private readonly PipePair _pair = new(clientWindow: 0); // 0: no bound, nothing reads while the server writes
    private readonly TempStore _temp;
    private readonly Task _session;

    public DiskErrorTests()
    {
        _temp = new TempStore(_files);
        _directory.Directory.AddDomain("example.test");
        _directory.Directory.AddUser("alice@example.test", PasswordHash.Create("secret"));
        Authenticator authenticator = new(new AccountBackends(_directory.Directory), new AuthOptions(), _pair.Time, NullLogger<Authenticator>.Instance);
        _session = RunAsync(new Pop3Protocol(new Pop3Options(), _temp.Store, authenticator, null, new LoginTimes(_pair.Time), NullLoggerFactory.Instance));
    }

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    public async ValueTask DisposeAsync()
    {
        _files.FailsAt = static (_, _) => false;
        await _pair.Client.CompleteAsync();
        await _session;
        await _temp.DisposeAsync();
        _directory.Dispose();
    }

    [Fact]
    public async Task A_message_that_cannot_be_opened_is_refused_and_the_session_goes_on()
    {
        await LogInAsync();
        _files.FailsAt = static (call, _) => call == "open";
        await AskAsync("RETR 1", "-ERR [SYS/TEMP] ");
        await AskAsync("TOP 1 0", "-ERR [SYS/TEMP] ");
        _files.FailsAt = static (_, _) => false;
        await AskAsync("NOOP", "+OK ");
    }

    [Fact]
    public async Task A_message_that_cannot_be_read_to_its_end_ends_the_session_without_the_dot()
    {
        await LogInAsync();
        _files.FailsAt = static (call, at) => call == "read" && at != "at 0";
        await _pair.SendAsync("RETR 1\r\nNOOP\r\n");
        await _session;
        string said = await ReadToEndAsync();
        Assert.StartsWith("+OK ", said, StringComparison.Ordinal);
        Assert.Contains("\r\nline 1\r\n", said, StringComparison.Ordinal);
        Assert.DoesNotContain($"\r\nline {BodyLines}\r\n", said, StringComparison.Ordinal);
        Assert.DoesNotContain("\r\n.\r\n", said, StringComparison.Ordinal);
        Assert.DoesNotContain("\r\n+OK", said, StringComparison.Ordinal);
        Assert.DoesNotContain("\r\n-ERR", said, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Deletions_that_fail_at_quit_are_told_and_the_messages_stay()
    {
        await LogInAsync();
        await AskAsync("DELE 1", "+OK ");
        _files.FailsAt = static (made, _) => made == "unlink";
        await AskAsync("QUIT", "-ERR [SYS/TEMP] some deleted messages are not removed\r\n");
        await _session;
        _files.FailsAt = static (_, _) => false;
        using FullStack.Store.Feed.MailboxView view = await TempStore.OpenAsync(await _temp.AccountAsync());
        Assert.Equal(1, view.Count);
        await _temp.CheckAsync();
    }

    [Fact]
    public async Task A_full_disk_is_told_as_one_that_passes()
    {
        _files.Error = FileError.NoSpace;
        await LogInAsync();
        await AskAsync("RETR 1", "+OK ");
        await ReadUntilAsync("\r\n.\r\n");
        _files.FailsAt = static (made, _) => made == "rename";
        await AskAsync("QUIT", "+OK "); // \Seen that does not stick loses nothing
    }

    private async Task LogInAsync()
    {
        await using (StagedMessage message = await _temp.StageAsync(TempStore.Mail("long", string.Concat(Enumerable.Range(1, BodyLines).Select(static n => $"line {n}\r\n")))))
            Assert.True((await _temp.Store.DeliverAsync(message, [TempStore.Name()], Ct))[0].Ok);
        await ReadUntilAsync("\r\n");
        await AskAsync("USER alice@example.test", "+OK ");
        await AskAsync("PASS secret", "+OK 1 ");
    }

    private async Task AskAsync(string command, string start)
    {
        await _pair.SendAsync(command + "\r\n");
        Assert.StartsWith(start, await ReadUntilAsync("\r\n"), StringComparison.Ordinal);
    }

    /// <summary>Reads up to and with a text.</summary>
    private async Task<string> ReadUntilAsync(string end)
    {
        while (true)
        {
            System.IO.Pipelines.ReadResult read = await _pair.FromServer.ReadAsync(Ct);
            string text = Encoding.Latin1.GetString(System.Buffers.BuffersExtensions.ToArray(read.Buffer));
            int at = text.IndexOf(end, StringComparison.Ordinal);
            if (at >= 0)
            {
                _pair.FromServer.AdvanceTo(read.Buffer.GetPosition(at + end.Length));
                return text[..(at + end.Length)];
            }

            Assert.False(read.IsCompleted, text);
            _pair.FromServer.AdvanceTo(read.Buffer.Start, read.Buffer.End);
        }
    }

    private async Task<string> ReadToEndAsync()
    {
        using StreamReader reader = new(_pair.FromServer.AsStream(), Encoding.Latin1);
        return await reader.ReadToEndAsync(Ct);
    }

    private async Task RunAsync(Pop3Protocol protocol)
    {
        await Task.Yield();
        try
        {
            await protocol.RunAsync(_pair.Connection, CancellationToken.None);
        }
        catch (PeerGoneException)
        {
            // A script that ends without QUIT.
        }
        finally
        {
            await _pair.Connection.DisposeAsync();
        }
    }
}
