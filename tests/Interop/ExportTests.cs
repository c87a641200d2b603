using System.Net;
using FullStack.Harness.Servers;
using FullStack.Server;
using FullStack.Store;
using FullStack.Store.Export;
using FullStack.Store.Import;
using Microsoft.Extensions.Logging.Abstractions;

namespace FullStack.Interop;

/// <summary>Users who leave for Debian's Dovecot or Courier take everything with them: mbsync and fetchmail find nothing new there.</summary>
[Collection(nameof(PrivateCourier))]
public sealed class ExportTests : IDisposable
{
    private readonly MovingUser _user = new();

    public void Dispose() => _user.Dispose();

    [Fact]
    public async Task Mail_of_this_server_goes_to_courier()
    {
        RequireAll();
        (List<string> known, string maildir) = await LeaveAsync(ExportFormat.Courier);
        await AtCourierAsync(known, maildir);
    }

    [Fact]
    public async Task Mail_of_this_server_goes_to_dovecot()
    {
        RequireAll();
        (List<string> known, string maildir) = await LeaveAsync(ExportFormat.Dovecot);
        await AtDovecotAsync(known, maildir);
    }

    [Fact]
    public async Task Mail_goes_from_courier_over_here_to_dovecot_and_back()
    {
        RequireAll();
        List<string> known;
        string maildir;
        await using (PrivateCourier courier = await PrivateCourier.StartAsync(_user.Home, null, MovingUser.Address))
        {
            await MovingUser.FillAsync(courier.EndPoint, "INBOX.");
            await _user.SyncAsync(courier.EndPoint, MovingUser.FormerPassword);
            await _user.FetchAsync(courier.Pop3, MovingUser.FormerPassword, exitCode: 0);
            known = await MovingUser.DescribeAsync(courier.EndPoint, courier.Pop3, MovingUser.FormerPassword, "INBOX.");
            await courier.StopAsync();
            maildir = Path.Combine(_user.Home, "courier", "Maildir");
            Directory.CreateDirectory(Path.GetDirectoryName(maildir)!);
            (await _user.Programs.RunAsync("cp", "-a", courier.MaildirOf(MovingUser.Address), maildir)).ShouldSucceed();
        }

        maildir = await OverHereAsync(maildir, ExportFormat.Dovecot);
        maildir = await AtDovecotAsync(known, maildir);
        maildir = await OverHereAsync(maildir, ExportFormat.Courier);
        await AtCourierAsync(known, maildir);
    }

    private static void RequireAll()
    {
        MovingUser.RequirePrograms();
        ExternalProgram.Require("dovecot");
        if (Environment.UserName != "root")
            Assert.Skip("only root can start servers that serve another user's mail");
    }

    /// <summary>The user's programs know this server; then it is left.</summary>
    private async Task<(List<string> Known, string Maildir)> LeaveAsync(ExportFormat format)
    {
        CancellationToken ct = TestContext.Current.CancellationToken;
        await using TestMailServer server = await TestMailServer.StartAsync(new() { Time = TimeProvider.System }, ct);
        IPEndPoint imap = server.Listener(ListenerProtocol.Imap).EndPoint, pop3 = server.Listener(ListenerProtocol.Pop3).EndPoint;
        string password = TestAccounts.PasswordOf(MovingUser.User);
        await MovingUser.FillAsync(imap, password, "");
        await _user.SyncAsync(imap, password);
        await _user.FetchAsync(pop3, password, exitCode: 0);
        List<string> known = await MovingUser.DescribeAsync(imap, pop3, password);
        await server.StopAsync();
        return (known, await ExportAsync(Path.Combine(server.Data, "mail"), format));
    }

    /// <summary>Brings a Maildir into a store of this server, and out of it again for another one.</summary>
    private async Task<string> OverHereAsync(string maildir, ExportFormat format)
    {
        string root = Path.Combine(_user.Home, $"store-{format}");
        StoreOptions options = new() { Root = root, HostName = "mail.example.test", Sync = SyncMode.None };
        MailImport import = new(options, ImportFormat.Auto, move: false);
        await using (MailStore store = new(options, TimeProvider.System, NullLoggerFactory.Instance))
        {
            ImportReport report = await import.RunAsync(
                store, import.Plan(TestMailServer.AccountOf(MovingUser.User), maildir), new Progress<int>(), TestContext.Current.CancellationToken);
            Assert.Equal(ImportOutcome.Imported, report.Outcome);
            Assert.DoesNotContain(report.Left, static left => !left.Contains("not touched", StringComparison.Ordinal));
        }

        return await ExportAsync(root, format);
    }

    private async Task<string> ExportAsync(string root, ExportFormat format)
    {
        string target = Path.Combine(_user.Home, $"export-{format}", "Maildir");
        await using MailStore store = new(new() { Root = root, HostName = "mail.example.test", Sync = SyncMode.None }, TimeProvider.System, NullLoggerFactory.Instance);
        ExportReport report = await MailExport.RunAsync(
            store, TestMailServer.AccountOf(MovingUser.User), target, format, new Progress<int>(), TestContext.Current.CancellationToken);
        Assert.Empty(report.Left);
        return target;
    }

    private async Task AtCourierAsync(List<string> known, string maildir)
    {
        await using PrivateCourier courier = await PrivateCourier.StartAsync(_user.Home, async placeOf =>
        {
            Directory.CreateDirectory(Path.GetDirectoryName(placeOf(MovingUser.Address))!);
            (await _user.Programs.RunAsync("cp", "-a", maildir, placeOf(MovingUser.Address))).ShouldSucceed();
        }, MovingUser.Address);
        await CheckAsync(known, courier.EndPoint, courier.Pop3, "INBOX.");
    }

    private async Task<string> AtDovecotAsync(List<string> known, string maildir)
    {
        string place = "";
        await using PrivateDovecot dovecot = await PrivateDovecot.StartAsync(MovingUser.User, path =>
        {
            Directory.CreateDirectory(Path.GetDirectoryName(place = path)!);
            Directory.Move(maildir, path);
        }, pop3: true);
        await CheckAsync(known, dovecot.EndPoint, dovecot.Pop3!, "");
        Assert.DoesNotContain("rror", dovecot.ErrorLog, StringComparison.Ordinal);
        await dovecot.StopAsync();
        string kept = Path.Combine(_user.Home, "dovecot", "Maildir");
        Directory.CreateDirectory(Path.GetDirectoryName(kept)!);
        (await _user.Programs.RunAsync("cp", "-a", place, kept)).ShouldSucceed();
        return kept;
    }

    private async Task CheckAsync(List<string> known, IPEndPoint imap, IPEndPoint pop3, string prefix)
    {
        Assert.Equal(known, await MovingUser.DescribeAsync(imap, pop3, MovingUser.FormerPassword, prefix));
        await _user.SyncNothingAsync(imap, MovingUser.FormerPassword);
        string fetched = _user.Fetched;
        await _user.FetchAsync(pop3, MovingUser.FormerPassword, exitCode: 1);
        Assert.Equal(fetched, _user.Fetched);
    }
}
