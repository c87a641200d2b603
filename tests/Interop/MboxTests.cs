using FullStack.Harness.Servers;
using FullStack.Store;
using FullStack.Store.Accounts;
using FullStack.Store.Feed;
using FullStack.Store.Mailboxes;

namespace FullStack.Interop;

/// <summary>mutt and Dovecot work on an mbox that this server serves at the same time: what one does the others see.</summary>
public sealed class MboxTests
{
    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Flags_and_messages_go_both_ways()
    {
        ExternalProgram.Require("mutt", "script", "doveadm");
        await using TestMailServer server = await TestMailServer.StartAsync(new() { Format = StoreFormat.Mbox }, Ct);
        foreach (string subject in (string[])["one", "two", "three"])
            await server.DeliverAsync("alice", System.Text.Encoding.ASCII.GetBytes($"From: a@example.test\r\nSubject: {subject}\r\n\r\nFrom here on: {subject}.\r\n"), Ct);
        using AccountLease lease = (await server.Store.OpenAccountAsync(TestMailServer.AccountOf("alice"), Ct)).Value;
        using MailboxView view = (await lease.Account.OpenAsync(MailboxName.Inbox, readOnly: false, Ct)).Value;
        Uid[] uids = [.. Enumerable.Range(1, 3).Select(view.UidOf)];
        await view.StoreFlagsAsync(UidSet.Of(uids[0]), new(FlagOperation.Add, new(SystemFlags.Answered, ["blue"])), null, false, Ct);

        DirectoryInfo folder = Directory.CreateTempSubdirectory("mb");
        ExternalProgram home = new(folder.FullName);
        string configuration = home.Write("dovecot.conf", $$"""
            mail_location = mbox:{{folder.FullName}}/mail:INBOX={{server.MboxOf("alice")}}
            mail_uid = 5000
            mail_gid = 5000
            log_path = {{folder.FullName}}/log
            namespace inbox {
              inbox = yes
            }

            """);
        Directory.CreateDirectory(Path.Combine(folder.FullName, "mail"));

        // Dovecot serves mail of nobody with the number 0; the server, which is root here, may do with the file what its owner may.
        const string handOver = "d=$(dirname \"$0\"); chown -R 5000:5000 \"$1\" \"$0\"; chown 5000 \"$d\"; chmod a+rx \"$1\"; "
            + "while [ \"$d\" != /tmp ] && [ \"$d\" != / ]; do chmod a+rx \"$d\"; d=$(dirname \"$d\"); done";
        (await home.RunAsync("sh", "-c", handOver, server.MboxOf("alice"), folder.FullName)).ShouldSucceed();
        ProgramResult fetched = await home.RunAsync("env", "USER=root", "doveadm", "-c", configuration, "fetch", "flags", "mailbox", "INBOX", "subject", "one");
        Assert.Contains("\\Answered", fetched.Output, StringComparison.Ordinal);
        (await home.RunAsync("env", "USER=root", "doveadm", "-c", configuration, "flags", "add", "\\Flagged red", "mailbox", "INBOX", "subject", "two")).ShouldSucceed();
        (await home.RunAsync("env", "USER=root", "doveadm", "-c", configuration, "expunge", "mailbox", "INBOX", "subject", "one")).ShouldSucceed();
        (await home.RunAsync("env", ["USER=root", "doveadm", "-c", configuration, "save", "-m", "INBOX"], "Subject: four\n\nFrom Dovecot.\n")).ShouldSucceed();
        await view.RescanAsync(Ct);
        view.Synchronize(allowExpunges: true);
        Assert.Equal([uids[1], uids[2]], Enumerable.Range(1, 2).Select(view.UidOf));
        Assert.Equal(3, view.Count);
        Assert.True(view.Entry(1)!.Flags.HasFlag(SystemFlags.Flagged));
        Assert.Equal(["red"], view.Entry(1)!.Keywords);

        string rc = home.Write("muttrc", $"set folder=\"{folder.FullName}\" quit=yes delete=yes move=no sleep_time=0 wait_key=no header_cache=\"\" sort=mailbox-order\n");
        string command = $"mutt -n -F {rc} -f {server.MboxOf("alice")} -e 'push \"<last-entry><flag-message><first-entry><delete-message><sync-mailbox><quit>\"'";
        ProgramResult run = await home.RunAsync("script", "-qec", command, "/dev/null");
        await view.RescanAsync(Ct);
        view.Synchronize(allowExpunges: true);
        Assert.True(view.Count == 2, run.Output);
        Assert.Equal(uids[2], view.UidOf(1));
        Assert.True(view.Entry(2)!.Flags.HasFlag(SystemFlags.Flagged));
        Assert.Equal("From: a@example.test\r\nSubject: three\r\n\r\nFrom here on: three.\r\n", await TextAsync(view, uids[2]), ignoreLineEndingDifferences: false);
        folder.Delete(recursive: true);
    }

    private static async Task<string> TextAsync(MailboxView view, Uid uid)
    {
        await using MessageContent content = (await view.OpenMessageAsync(uid, Ct)).Value;
        using StreamReader reader = new(content.OpenWire());
        string text = await reader.ReadToEndAsync(Ct);
        return text[text.IndexOf("From: a@", StringComparison.Ordinal)..];
    }
}
