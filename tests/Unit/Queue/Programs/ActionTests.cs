using FullStack.Harness;
using FullStack.Queue.Programs;
using FullStack.Queue.Routing;
using FullStack.Queue.Srs;
using FullStack.Smtp;
using FullStack.Smtp.Server;
using FullStack.Unit.Store;

namespace FullStack.Unit.Queue.Programs;

/// <summary>Messages for programs, files, members of lists and people elsewhere, by the queue.</summary>
public sealed class ActionTests : IAsyncDisposable
{
    private const string Text = "Subject: x\r\n\r\nhello\r\nFrom here\r\n";
    private readonly QueueRig _rig = new();
    private readonly string _open = Directory.CreateTempSubdirectory("fullstack-open-").FullName;

    public ActionTests() => File.SetUnixFileMode(_open, (UnixFileMode)0b111_111_111);

    public async ValueTask DisposeAsync()
    {
        await _rig.DisposeAsync();
        Directory.Delete(_open, recursive: true);
    }

    [Fact]
    public async Task A_program_gets_the_message_and_an_environment_of_its_own()
    {
        await RunAsync(Program($"cat > {_open}/message; env | sort > {_open}/environment; id -u > {_open}/user; id -G >> {_open}/user; pwd >> {_open}/user; ulimit -c >> {_open}/user"));
        Assert.Equal(
            "From bob@example.org Mon Mar  2 10:00:00 2026\nReturn-Path: <bob@example.org>\nDelivered-To: list@example.test\nSubject: x\n\nhello\nFrom here\n",
            Read("message"));
        string[] environment = Read("environment").Split('\n', StringSplitOptions.RemoveEmptyEntries);
        foreach (string variable in new[] { "SENDER=bob@example.org", "RECIPIENT=list@example.test", "LOCAL=list", "DOMAIN=example.test", "HOME=/", "SHELL=/bin/sh", "LANG=C" })
            Assert.Contains(variable, environment);
        Assert.DoesNotContain(environment, static line => line.StartsWith("DOTNET_", StringComparison.Ordinal));
        Assert.Equal([$"{_rig.Programs.User!.Value.User}", "/", "0"], Read("user").Split('\n').Where(static (_, line) => line is 0 or 2 or 3));
        Assert.NotEqual("0", Read("user").Split('\n')[0]);
        Assert.Empty(_rig.Files);
    }

    [Theory]
    [InlineData("exit 0", "dsn=2.1.5 status=sent (250 Ok)")]
    [InlineData("echo 'no such person'; exit 67", "dsn=5.1.1 status=bounced (550 The program says: user unknown: no such person)")]
    [InlineData("echo no >&2; exit 77", "dsn=5.7.0 status=bounced (550 The program says: permission denied: no)")]
    [InlineData("exit 1", "dsn=5.3.0 status=bounced (550 The program says: exit code 1)")]
    [InlineData("exit 75", "dsn=4.3.0 status=deferred (450 The program says: temporary failure)")]
    [InlineData("kill -9 $$", "dsn=4.3.0 status=deferred (450 The program says: killed by signal 9)")]
    [InlineData("no-such-program-here", "dsn=4.3.5 status=deferred (450 The program says: command not found")]
    public async Task How_a_program_ends_decides(string command, string said)
    {
        await RunAsync(Program(command), stays: said.Contains("deferred", StringComparison.Ordinal));
        Assert.Equal(said.Contains("bounced", StringComparison.Ordinal) ? 1 : 0, _rig.Client.Sent.Count(static sent => sent.Envelope.Sender.IsNull));
        Assert.Contains(_rig.Log.Latest, line => line.Message.Contains(said, StringComparison.Ordinal));
    }

    [Fact]
    public async Task What_a_program_says_without_end_is_cut()
    {
        await RunAsync(Program("yes 'so it goes' | head -c 3000000; exit 69"));
        Assert.Contains(_rig.Log.Latest, static line => line.Message.Contains("service unavailable: so it goes so it goes", StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_program_that_takes_too_long_is_killed_with_all_that_it_started()
    {
        _rig.Programs = _rig.Programs with { TimeLimit = TimeSpan.FromMinutes(1) };
        await _rig.StartAsync();
        Assert.All(await _rig.SendAsync(EnvelopeFor(Program($"sleep 600 & echo $! > {_open}/child; mv {_open}/child {_open}/started; wait"))), static status => Assert.True(status.IsSuccess));
        await UntilAsync(() => File.Exists($"{_open}/started"));
        string child = Read("started").Trim();
        Assert.True(Directory.Exists($"/proc/{child}"));
        _rig.Time.Advance(TimeSpan.FromMinutes(1));
        await UntilAsync(() => _rig.Log.Latest.Any(static line => line.Message.Contains("The program took too long", StringComparison.Ordinal)));
        await UntilAsync(() => HasEnded(child));
    }

    private static bool HasEnded(string process)
    {
        try
        {
            return File.ReadAllText($"/proc/{process}/stat").Contains(") Z", StringComparison.Ordinal);
        }
        catch (IOException)
        {
            return true; // it may go while it is looked at
        }
    }

    [Fact]
    public async Task Root_runs_nothing()
    {
        _rig.Programs = _rig.Programs with { User = new(0, 0) };
        await RunAsync(Program($"touch {_open}/ran"), stays: true);
        Assert.Equal([], Directory.GetFiles(_open));
    }

    [Fact]
    public async Task Instructions_go_on_until_one_fails_or_says_that_it_is_the_last()
    {
        LocalAction Step(string command, LocalAction? next = null) => Program(command) with { IsCourier = true, Next = next };
        await RunAsync(Step($"touch {_open}/1", Step($"touch {_open}/2; exit 99", Step($"touch {_open}/3"))));
        Assert.Equal(["1", "2"], Directory.GetFiles(_open).Select(Path.GetFileName).Order());
        await RunAsync(Step($"touch {_open}/4; exit 64", Step($"touch {_open}/5")), start: false);
        Assert.Equal(["1", "2", "4"], Directory.GetFiles(_open).Select(Path.GetFileName).Order());
    }

    [Fact]
    public async Task An_mbox_is_appended_to_and_quoted()
    {
        File.WriteAllText($"{_open}/archive", "From old Mon Jan  5 10:00:00 2026\nSubject: old\n\nold\n\n");
        File.SetUnixFileMode($"{_open}/archive", (UnixFileMode)0b110_110_110);
        await RunAsync(FileOf($"{_open}/archive"));
        Assert.Equal(
            "From old Mon Jan  5 10:00:00 2026\nSubject: old\n\nold\n\n"
                + "From bob@example.org Mon Mar  2 10:00:00 2026\nReturn-Path: <bob@example.org>\nDelivered-To: list@example.test\nSubject: x\n\nhello\n>From here\n\n",
            Read("archive"));
    }

    [Fact]
    public async Task A_file_that_is_made_belongs_to_whom_it_is_written_as()
    {
        await RunAsync(FileOf($"{_open}/new"));
        Assert.StartsWith("From bob@example.org ", Read("new"), StringComparison.Ordinal);
        Assert.Equal(_rig.Programs.User!.Value.User, FullStack.Store.Outside.SystemFiles.OwnerOf($"{_open}/new")!.Value.User);
        Assert.False(File.Exists($"{_open}/new.lock"));
    }

    [Fact]
    public async Task Files_are_written_with_the_rights_of_that_user_only()
    {
        Assert.SkipUnless(SystemUsers.Own == 0, "only root can become another user");
        string locked = Directory.CreateDirectory($"{_open}/locked").FullName;
        File.SetUnixFileMode(locked, (UnixFileMode)0b111_000_000);
        await RunAsync(FileOf($"{locked}/file"), stays: true);
        Assert.Equal([], Directory.GetFiles(locked));
        Assert.Contains(_rig.Log.Latest, static line => line.Message.Contains("That file or folder may not be written", StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_Maildir_gets_a_file()
    {
        foreach (string name in new[] { "Maildir", "Maildir/tmp", "Maildir/new", "Maildir/cur" })
            File.SetUnixFileMode(Directory.CreateDirectory($"{_open}/{name}").FullName, (UnixFileMode)0b111_111_111);
        await RunAsync(FileOf($"{_open}/Maildir/"));
        Assert.Equal("Return-Path: <bob@example.org>\nDelivered-To: list@example.test\nSubject: x\n\nhello\nFrom here\n", File.ReadAllText(Assert.Single(Directory.GetFiles($"{_open}/Maildir/new"))));
        Assert.Empty(Directory.GetFiles($"{_open}/Maildir/tmp"));
    }

    [Fact]
    public async Task Forwarded_mail_has_a_sender_of_ours_and_tells_who_passed_it_on()
    {
        _rig.Rewriting = new SenderRewriting("example.test", ["a key of some length"u8.ToArray()], _rig.Time);
        await RunAsync(new ForwardedCopy(new("list", "example.test"), null) { Elsewhere = [new("carol", "example.net")] });
        SentMessage sent = Assert.Single(_rig.Client.Sent);
        Assert.StartsWith("<SRS0=", sent.Envelope.Sender.ToString(), StringComparison.Ordinal);
        Assert.EndsWith("=example.org=bob@example.test>", sent.Envelope.Sender.ToString(), StringComparison.Ordinal);
        Assert.Equal("Delivered-To: list@example.test\r\n" + Text, sent.Text);
        Assert.Empty(_rig.Files);
    }

    [Fact]
    public async Task Members_of_a_list_hear_from_its_owner()
    {
        await RunAsync(new ForwardedCopy(new("list", "example.test"), new("owner-list", "example.test")) { Targets = [new(TempStore.Name(), "alice@example.test")], Elsewhere = [new("carol", "example.net")] });
        Assert.Equal("<owner-list@example.test>", Assert.Single(_rig.Client.Sent).Envelope.Sender.ToString());
        Assert.StartsWith("Return-Path: <owner-list@example.test>\r\nDelivered-To: list@example.test\r\n", Assert.Single(await _rig.InboxAsync()), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Mail_that_comes_round_in_a_circle_goes_back()
    {
        await _rig.StartAsync();
        ForwardedCopy copy = new(new("list", "example.test"), null) { Elsewhere = [new("carol", "example.net")] };
        await _rig.SendAsync(EnvelopeFor(copy), "Received: x\r\nDelivered-To: LIST@example.test\r\n" + Text);
        await _rig.RestAsync();
        Assert.Contains(_rig.Log.Latest, static line => line.Message.Contains("dsn=5.4.6 status=bounced", StringComparison.Ordinal));
        Assert.True(Assert.Single(_rig.Client.Sent).Envelope.Sender.IsNull); // the notice
    }

    /// <summary>Waits for what another process does, which no clock of ours tells.</summary>
    private static async Task UntilAsync(Func<bool> condition)
    {
        using CancellationTokenSource limit = CancellationTokenSource.CreateLinkedTokenSource(TestContext.Current.CancellationToken);
        limit.CancelAfter(TimeSpan.FromMinutes(1));
        while (!condition())
            await Task.Delay(10, limit.Token);
    }

    private static LocalAction Program(string command) => new() { Command = command, Recipient = "list@example.test" };

    private static LocalAction FileOf(string path) => new() { File = path, Recipient = "list@example.test" };

    private string Read(string name) => File.ReadAllText(Path.Combine(_open, name));

    private static Envelope EnvelopeFor(LocalAction action) => EnvelopeFor(new ForwardedCopy(new("list", "example.test"), null) { Actions = [action] });

    private static Envelope EnvelopeFor(ForwardedCopy copy)
    {
        Envelope envelope = new(new("bob", "example.org"));
        envelope.Add(new(new("list", "example.test"), new MailRoute([], []) { Copies = [copy] }));
        return envelope;
    }

    private Task RunAsync(LocalAction action, bool stays = false, bool start = true) => RunAsync(EnvelopeFor(action), stays, start);

    private Task RunAsync(ForwardedCopy copy) => RunAsync(EnvelopeFor(copy), stays: false, start: true);

    private async Task RunAsync(Envelope envelope, bool stays, bool start)
    {
        if (start)
            await _rig.StartAsync();
        Assert.All(await _rig.SendAsync(envelope, Text, QueueRig.Peer(role: SmtpRole.Relay)), static status => Assert.True(status.IsSuccess));
        await _rig.RestAsync();
        Assert.Equal(stays, _rig.Files.Length > 0);
    }
}
