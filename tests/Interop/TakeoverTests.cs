using System.Net;
using System.Text.RegularExpressions;
using FullStack.Harness.Servers;
using FullStack.Server;
using FullStack.Store;
using FullStack.Store.Accounts;
using FullStack.Store.Acl;
using FullStack.Store.Mailboxes;

namespace FullStack.Interop;

/// <summary>
/// Users move here with the Maildirs that Debian's Dovecot or Courier made, and their programs, which know the former
/// server's UIDs and UIDLs, find nothing new.
/// </summary>
[Collection(nameof(PrivateCourier))]
public sealed class TakeoverTests
{
    [Fact]
    public async Task Maildir_of_dovecot_is_served_on_and_no_client_downloads_again()
    {
        MovingUser.RequirePrograms();
        ExternalProgram.Require("dovecot");
        if (Environment.UserName != "root")
            Assert.Skip("only root can start a Dovecot that serves another user's mail");

        using MovingUser user = new();
        string maildir = "";
        await using PrivateDovecot dovecot = await PrivateDovecot.StartAsync(
            MovingUser.User, path => Directory.CreateDirectory(maildir = path), pop3: true);
        await MovingUser.FillAsync(dovecot.EndPoint, "", ("bob", "lrs"), ("carol", "lr"), ("-carol", "l"));
        List<string> before = await UseAsync(user, dovecot.EndPoint, dovecot.Pop3!, "");
        await dovecot.StopAsync();
        await MoveInAsync(user, before, maildir);
    }

    [Fact]
    public async Task Maildir_of_courier_is_served_on_and_no_client_downloads_again()
    {
        MovingUser.RequirePrograms();
        using MovingUser user = new();
        await using PrivateCourier courier = await PrivateCourier.StartAsync(user.Home, null, MovingUser.Address);
        await MovingUser.FillAsync(courier.EndPoint, "INBOX.", ("bob", "lrs"), ("carol", "lr"), ("-carol", "l"));
        List<string> before = await UseAsync(user, courier.EndPoint, courier.Pop3, "INBOX.");
        await courier.StopAsync();
        string maildir = courier.MaildirOf(MovingUser.Address);
        Assert.True(Directory.Exists(Path.Combine(maildir, ".Entwürfe")), "Courier 5 names folders in UTF-8");
        await MoveInAsync(user, before, maildir);
    }

    /// <summary>The user's programs learn what the former server has.</summary>
    private static async Task<List<string>> UseAsync(MovingUser user, IPEndPoint imap, IPEndPoint pop3, string prefix)
    {
        await user.SyncAsync(imap, MovingUser.FormerPassword);
        await user.FetchAsync(pop3, MovingUser.FormerPassword, exitCode: 0);
        Assert.Equal(8, Regex.Count(user.Files(), "/(cur|new)/"));
        Assert.Equal(5, Regex.Count(user.Fetched, "^Subject: ", RegexOptions.Multiline));
        return await MovingUser.DescribeAsync(imap, pop3, MovingUser.FormerPassword, prefix);
    }

    /// <summary>Our server gets a copy of the Maildir.</summary>
    private static async Task MoveInAsync(MovingUser user, List<string> before, string maildir)
    {
        CancellationToken ct = TestContext.Current.CancellationToken;
        await using TestMailServer server = await TestMailServer.StartAsync(new() { Sync = SyncMode.Full, Time = TimeProvider.System }, ct);
        string place = server.MaildirOf(MovingUser.User);
        Directory.CreateDirectory(Path.GetDirectoryName(place)!);
        (await user.Programs.RunAsync("cp", "-a", maildir, place)).ShouldSucceed();
        IPEndPoint imap = server.Listener(ListenerProtocol.Imap).EndPoint, pop3 = server.Listener(ListenerProtocol.Pop3).EndPoint;
        string password = TestAccounts.PasswordOf(MovingUser.User);

        Assert.Equal(before, await MovingUser.DescribeAsync(imap, pop3, password));
        await user.SyncNothingAsync(imap, password);
        string fetched = user.Fetched;
        await user.FetchAsync(pop3, password, exitCode: 1); // fetchmail: no mail to fetch
        Assert.Equal(fetched, user.Fetched);
        Assert.Equal("lrs", await RightsAsync(server, "bob"));
        Assert.Equal("r", await RightsAsync(server, "carol"));
        Assert.Equal("", await RightsAsync(server, "dave"));

        // What comes now is one message more, and only that.
        await server.DeliverAsync(MovingUser.User, "From: a@example.test\r\nSubject: after the move\r\n\r\nHello.\r\n"u8.ToArray(), ct);
        await user.SyncAsync(imap, password);
        Assert.Equal(9, Regex.Count(user.Files(), "/(cur|new)/"));
        await user.FetchAsync(pop3, password, exitCode: 0);
        string more = user.Fetched[fetched.Length..];
        Assert.Equal(1, Regex.Count(more, "^Subject: ", RegexOptions.Multiline));
        Assert.Contains("after the move", more, StringComparison.Ordinal);
        server.Log.CheckNoAlarm();
    }

    /// <summary>What somebody may do with Work.Projects.</summary>
    private static async Task<string> RightsAsync(TestMailServer server, string who)
    {
        CancellationToken ct = TestContext.Current.CancellationToken;
        Assert.True(MailboxName.TryParse("Work.Projects", out MailboxName? mailbox));
        using AccountLease lease = (await server.Store.OpenAccountAsync(TestMailServer.AccountOf(MovingUser.User), ct)).Value;
        return AclLetters.Format((await lease.Account.Access.RightsAsync(mailbox, TestMailServer.AccountOf(who), [], ct)).Value);
    }
}
