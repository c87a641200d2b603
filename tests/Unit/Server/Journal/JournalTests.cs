using System.Net;
using FullStack.Harness;
using FullStack.Net;
using FullStack.Queue;
using FullStack.Server;
using FullStack.Server.Journal;
using FullStack.Smtp;
using FullStack.Smtp.Server;
using Microsoft.Extensions.Logging;

namespace FullStack.Unit.Server.Journal;

/// <summary>The journal that <c>fullstack trace</c> reads: what is written, what is kept, what is found.</summary>
public sealed class JournalTests : IDisposable
{
    private static readonly QueueId s_one = new(0x1234_5678_9ABC);
    private static readonly QueueId s_notice = new(0x1234_5678_9ABD);
    private static readonly QueueId s_other = new(0x1234_5678_9ABE);

    private readonly DataFolder _folder = new();
    private readonly ManualTimeProvider _time = new();

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData("joe@example.net")]
    [InlineData("JOE@example.net")]
    [InlineData("<abc@here.test>")]
    [InlineData("abc@here.test")]
    [InlineData("c1")]
    [InlineData("id")]
    public void A_message_is_found_by_whatever_names_it_with_its_connection_and_its_notice(string what)
    {
        WriteLives();
        IReadOnlyList<MessageLife> lives = Search(what == "id" ? s_one.ToString() : what);
        Assert.Equal([s_one.ToString(), s_notice.ToString()], lives.Select(static life => life.Id));
        Assert.Equal([2201, 2301, 7010, 7020, 7023, 7021], lives[0].Entries.Select(static entry => entry.Event));
        Assert.Contains("relay=mx.example.net[192.0.2.1]:25 ", lives[0].Entries[3].Text, StringComparison.Ordinal);
        Assert.Contains("(550 5.1.1 no joe here)", lives[0].Entries[3].Text, StringComparison.Ordinal);
        Assert.Equal([7020], lives[1].Entries.Select(static entry => entry.Event));
    }

    [Theory]
    [InlineData("bigjoe@example.net", 1)]
    [InlineData("oe@example.net", 0)]
    [InlineData("joe@example.ne", 0)]
    [InlineData("stranger@example.test", 1)]
    [InlineData("nothing", 0)]
    public void Nothing_else_is_found(string what, int lives)
    {
        WriteLives();
        Assert.Equal(lives, Search(what).Count);
    }

    [Fact]
    public void Time_may_be_bounded()
    {
        WriteLives();
        Assert.Empty(Search("joe@example.net", _time.GetUtcNow() + TimeSpan.FromSeconds(1)));
    }

    /// <summary>RFC 5321's refused recipients belong to a connection; of one that brought a message they are part of that message's life.</summary>
    [Fact]
    public void A_connection_without_a_message_has_a_life_of_its_own()
    {
        WriteLives();
        MessageLife life = Assert.Single(Search("stranger@example.test"));
        Assert.Equal("c9", life.Id);
        Assert.Equal([2201], life.Entries.Select(static entry => entry.Event));
    }

    [Fact]
    public void The_oldest_goes_when_the_journal_is_full_and_when_it_is_old()
    {
        TraceConfiguration small = new() { Octets = 16 * 1024, Age = TimeSpan.FromDays(1) };
        Write(small, log =>
        {
            for (int i = 0; i < 400; i++)
                QueueLog.Removed(log, new QueueId(i));
        });
        IReadOnlyList<FileInfo> files = JournalFiles.In(Folder);
        Assert.InRange(files.Count, 2, JournalFiles.Segments);
        Assert.InRange(files.Sum(static file => file.Length), 8 * 1024, 16 * 1024);
        Assert.Empty(Search(new QueueId(0).ToString()));
        Assert.Single(Search(new QueueId(399).ToString()));
        files.ToList().ForEach(file => file.LastWriteTimeUtc = _time.GetUtcNow().UtcDateTime - TimeSpan.FromDays(2));
        Write(small, static log => QueueLog.Removed(log, new QueueId(1000)));
        Assert.Single(JournalFiles.In(Folder));
        Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(JournalFiles.In(Folder)[0].FullName));
    }

    [Fact]
    public void What_a_crash_cut_short_is_passed_over()
    {
        WriteLives();
        string last = JournalFiles.In(Folder)[^1].FullName;
        File.AppendAllText(last, "{\"time\":\"2026-01-01T00:00:00Z\",\"event\":7021,\"mess");
        WriteLives();
        File.AppendAllText(last, "\n(17 log lines were dropped)\n[]\n{}\n{\"time\":1,\"event\":\"x\",\"message\":{},\"fields\":[]}\n");
        Assert.Single(JournalFiles.In(Folder)); // a restart goes on where the last one ended
        Assert.Equal(11, Search("joe@example.net")[0].Entries.Count);
    }

    [Fact]
    public async Task The_command_tells_it()
    {
        WriteLives();
        string file = _folder.File("fullstack.yaml");
        await File.WriteAllTextAsync(file, "hostname: mail.example.test\ndata: .\n", TestContext.Current.CancellationToken);
        CommandRun text = await CommandRun.OfAsync("", "trace", "joe@example.net", "--config", file);
        Assert.Equal(0, text.ExitCode);
        Assert.StartsWith($"{s_one}\n  ", text.Output, StringComparison.Ordinal);
        Assert.Contains("to=<joe@example.net> relay=", text.Output, StringComparison.Ordinal);
        CommandRun json = await CommandRun.OfAsync("", "trace", "joe@example.net", "--json", "--config", file, "--since", "3650d");
        using System.Text.Json.JsonDocument read = System.Text.Json.JsonDocument.Parse(json.Output);
        Assert.Equal("550 5.1.1 no joe here", read.RootElement[0].GetProperty("events")[3].GetProperty("fields").GetProperty("said").GetString());
        Assert.Equal(67, (await CommandRun.OfAsync("", "trace", "who@example.net", "--config", file)).ExitCode);
        Assert.Equal(64, (await CommandRun.OfAsync("", "trace", "who@example.net", "--since", "soon", "--config", file)).ExitCode);
    }

    private string Folder => _folder.File("trace");

    private IReadOnlyList<MessageLife> Search(string what, DateTimeOffset since = default) => new JournalSearch(Folder).Find(what, since);

    private void Write(TraceConfiguration configuration, Action<ILogger> write)
    {
        using JournalLoggerProvider provider = new(Folder, configuration, _time);
        write(provider.CreateLogger("FullStack.Smtp"));
    }

    private void WriteLives() => Write(new(), static log =>
    {
        SmtpLog.SessionStarted(log, "c1", IPAddress.Loopback, SmtpRole.Relay);
        SmtpLog.RecipientRefused(log, "c1", IPAddress.Loopback, 550, new(5, 1, 1), Loggable.From("<gone@example.net>"));
        SmtpLog.RecipientRefused(log, "c9", IPAddress.Loopback, 550, new(5, 7, 1), Loggable.From("<stranger@example.test>"));
        SmtpLog.MessageAccepted(log, s_one, "c1", Loggable.From("host[127.0.0.1]"), 100, Loggable.From("<a@example.test>"), 1, Loggable.From("<joe@example.net>"), Loggable.From("<abc@here.test>"));
        QueueLog.Queued(log, s_one, 100, 1);
        SmtpLog.MessageAccepted(log, s_other, "c2", Loggable.From("host[127.0.0.1]"), 100, Loggable.From("<b@example.test>"), 1, Loggable.From("<bigjoe@example.net>"), Loggable.From("<x@here.test>"));
        QueueLog.Attempted(log, s_one, "<joe@example.net>", "mx.example.net[192.0.2.1]:25", 1.5, default, "5.1.1", "bounced", "550 5.1.1 no joe here");
        QueueLog.NoticeMade(log, s_one, s_notice, "a@example.test");
        QueueLog.Removed(log, s_one);
        QueueLog.Attempted(log, s_notice, "<a@example.test>", "local", 0.1, default, "2.0.0", "sent", "250 2.1.5 Ok");
    });
}
