using System.Globalization;
using System.Text;
using FullStack.Harness;

namespace FullStack.Interop;

/// <summary>Mail that swaks sends goes where a real file of aliases, .forward and .courier files lead; curl reads it by IMAP.</summary>
public sealed class AliasTests : IAsyncLifetime
{
    private readonly ScratchFolder _folder = new();
    private InteropServer? _server;

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    private InteropServer Server => _server ?? throw new InvalidOperationException("not started");

    public async ValueTask InitializeAsync()
    {
        File.SetUnixFileMode(_folder.FullPath, Mode("755"));
        Directory.CreateDirectory(_folder.File("out/box/tmp"));
        Directory.CreateDirectory(_folder.File("out/box/new"));
        Directory.CreateDirectory(_folder.File("out/box/cur"));
        foreach (string folder in (string[])["out", "out/box", "out/box/tmp", "out/box/new", "out/box/cur"])
            File.SetUnixFileMode(_folder.File(folder), Mode("777"));
        File.WriteAllText(_folder.File("staff"), "# members\nalice@example.test, carol\n");
        File.WriteAllText(_folder.File("aliases"), $"""
            # Basic system aliases -- these MUST be present.
            MAILER-DAEMON:  postmaster
            postmaster:     root
            root:           alice
            # people
            staff:          :include:{_folder.File("staff")}
            news:           staff,
                            \bob
            owner-news:     root
            # things
            ticket:         "|cat > {_folder.File("out/ticket")}; echo \"$SENDER $RECIPIENT $LOCAL\" > {_folder.File("out/environment")}"
            archive:        {_folder.File("out/archive")}
            folder:         {_folder.File("out/box")}/
            nowhere:        "|exit 67"
            """ + "\n");
        _server = new()
        {
            Options = new()
            {
                Settings = new Dictionary<string, string>
                {
                    ["aliases.file"] = _folder.File("aliases"), ["forward.accounts"] = "[\"*\"]", ["forward.programs"] = "[\"*\"]", ["programs.user"] = "nobody",
                },
            },
        };
        await _server.InitializeAsync();
    }

    public async ValueTask DisposeAsync()
    {
        await Server.DisposeAsync();
        _folder.Dispose();
    }

    [Fact]
    public async Task Names_lead_to_mailboxes_lists_programs_and_files()
    {
        Require();
        await SendAsync("to many", "root", "news", "ticket", "archive", "folder");
        foreach (string user in (string[])["alice", "bob", "carol"])
            await ReadAsync(user, "to many");

        // A list's members get it from the list's owner, others from whoever sent it.
        Assert.StartsWith("Return-Path: <owner-news@example.test>\nDelivered-To: news@example.test\n", Assert.Single(Server.StoredMessages("carol")), StringComparison.Ordinal);
        Assert.Contains(Server.StoredMessages("alice"), static text => text.StartsWith("Return-Path: <someone@elsewhere.example>\n", StringComparison.Ordinal));

        string program = await WrittenAsync("out/environment", static text => text.EndsWith('\n'));
        Assert.Equal("someone@elsewhere.example ticket@example.test ticket\n", program);
        Assert.StartsWith("From someone@elsewhere.example ", await WrittenAsync("out/ticket", static text => text.Contains("\nSubject: to many\n", StringComparison.Ordinal)), StringComparison.Ordinal);
        string mbox = await WrittenAsync("out/archive", static text => text.EndsWith("\n\n", StringComparison.Ordinal));
        Assert.StartsWith("From someone@elsewhere.example ", mbox, StringComparison.Ordinal);
        await UntilAsync(() => Directory.GetFiles(_folder.File("out/box/new")).Length == 1);
        Assert.Contains("\nSubject: to many\n", File.ReadAllText(Directory.GetFiles(_folder.File("out/box/new")).Single()), StringComparison.Ordinal);
    }

    [Fact]
    public async Task What_a_program_refuses_comes_back()
    {
        Require();
        ProgramResult result = await SwaksAsync("refused", "alice@example.test", "nowhere");
        result.ShouldSucceed();
        await ReadAsync("alice", "Final-Recipient: rfc822; nowhere@example.test");
        Assert.Contains("Status: 5.1.1\n", Assert.Single(Server.StoredMessages("alice")), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_forward_file_leads_on_and_keeps_a_copy()
    {
        Require();
        Write("alice", ".forward", $"\\alice, bob@example.test\n\"|cat > {_folder.File("out/forward")}\"\n");
        await SendAsync("forwarded", "alice");
        await ReadAsync("alice", "forwarded");
        await ReadAsync("bob", "forwarded");
        await WrittenAsync("out/forward", static text => text.Contains("\nSubject: forwarded\n", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Courier_files_lead_by_extension_and_in_order()
    {
        Require();
        Write("alice", ".courier", "# keep it\n./Maildir/\n");
        Write("alice", ".courier-shop", $"|cat > /dev/null; test \"$EXT\" = shop && exit 99\n{_folder.File("out/never")}\n");
        Write("alice", ".courier-default", "&carol@example.test\n");
        await SendAsync("for alice", "alice");
        await SendAsync("for the shop", "alice+shop");
        await SendAsync("for anything", "alice+anything");
        await ReadAsync("alice", "for alice");
        await ReadAsync("carol", "for anything");
        Assert.Single(Server.StoredMessages("alice"));
        Assert.Single(Server.StoredMessages("carol"));
        Assert.False(File.Exists(_folder.File("out/never")));
    }

    private static void Require()
    {
        ExternalProgram.Require("swaks", "curl");
        if (!Environment.IsPrivilegedProcess)
            Assert.Skip("only root can run programs as another user");
    }

    private async Task SendAsync(string subject, params string[] names) => (await SwaksAsync(subject, "someone@elsewhere.example", names)).ShouldSucceed();

    private Task<ProgramResult> SwaksAsync(string subject, string sender, params string[] names) => Server.NewHome().RunAsync(
        "swaks", ["--server", "127.0.0.1", "--port", Server.Smtp.ToString(CultureInfo.InvariantCulture), "--from", sender,
            "--to", string.Join(',', names.Select(static name => $"{name}@example.test")), "--header", $"Subject: {subject}", "--body", "Hello."], input: "");

    /// <summary>Waits for a message, and has curl fetch the last one of the mailbox.</summary>
    private async Task ReadAsync(string user, string text)
    {
        await Server.ArrivedAsync(user, message => message.Contains(text, StringComparison.Ordinal), Ct);
        ProgramResult read = await Server.NewHome().RunAsync("curl", ["-sS", "--max-time", "30", "-u", $"{user}@example.test:{InteropServer.PasswordOf(user)}",
            $"imap://127.0.0.1:{Server.Imap}/INBOX;MAILINDEX=*"], input: "");
        read.ShouldSucceed();
        Assert.Contains(text, read.Output, StringComparison.Ordinal);
    }

    private void Write(string user, string name, string text)
    {
        string folder = Path.GetDirectoryName(Server.MaildirOf(user))!;
        Directory.CreateDirectory(folder);
        File.WriteAllText(Path.Combine(folder, name), text);
    }

    private async Task<string> WrittenAsync(string name, Predicate<string> isWhole)
    {
        string text = "";
        await UntilAsync(() => File.Exists(_folder.File(name)) && isWhole(text = File.ReadAllText(_folder.File(name), Encoding.Latin1)));
        return text;
    }

    private static async Task UntilAsync(Func<bool> condition)
    {
        using CancellationTokenSource limit = CancellationTokenSource.CreateLinkedTokenSource(Ct);
        limit.CancelAfter(TimeSpan.FromMinutes(2));
        while (!condition())
            await Task.Delay(50, limit.Token);
    }

    private static UnixFileMode Mode(string octal) => (UnixFileMode)Convert.ToInt32(octal, 8);
}
