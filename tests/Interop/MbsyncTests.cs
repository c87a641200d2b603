namespace FullStack.Interop;

/// <summary>mbsync syncs both ways, and has nothing to do the second time.</summary>
public sealed class MbsyncTests(InteropServer server) : IClassFixture<InteropServer>
{
    [Fact]
    public async Task Syncs_both_ways_and_then_has_nothing_to_do()
    {
        ExternalProgram.Require("mbsync");
        for (int i = 1; i <= 5; i++)
            await server.DeliverAsync("alice", $"Subject: number {i}\r\nMessage-ID: <mbsync{i}@example.test>\r\n\r\nBody {i}\r\n");
        ExternalProgram home = server.NewHome();
        string rc = home.Write(".mbsyncrc", $"""
            IMAPAccount server
            Host localhost
            Port {server.Imaps}
            User {InteropServer.Alice}
            Pass {InteropServer.PasswordOf(InteropServer.Alice)}
            SSLType IMAPS
            CertificateFile {server.CertificateFile}

            IMAPStore far
            Account server

            MaildirStore near
            Path {home.Home}/mail/
            Inbox {home.Home}/mail/INBOX
            SubFolders Verbatim

            Channel all
            Far :far:
            Near :near:
            Patterns *
            Create Both
            Expunge Both
            SyncState *

            """);
        Directory.CreateDirectory(Path.Combine(home.Home, "mail"));
        (await home.RunAsync("mbsync", "-c", rc, "-a")).ShouldSucceed();
        string inbox = Path.Combine(home.Home, "mail", "INBOX");
        Assert.Equal(5, Messages(inbox).Length);
        Assert.True(Directory.Exists(Path.Combine(home.Home, "mail", "Sent")));

        // Both sides change: one message read here, one deleted here, one new here, one new there.
        string[] here = Messages(inbox);
        File.Move(here[0], Path.Combine(inbox, "cur", Path.GetFileName(here[0]).Split(":2,")[0] + ":2,S"));
        File.Move(here[1], Path.Combine(inbox, "cur", Path.GetFileName(here[1]).Split(":2,")[0] + ":2,ST"));
        File.WriteAllText(Path.Combine(inbox, "cur", "1700000000.1_1.here:2,F"), "Subject: made here\nMessage-ID: <here@example.test>\n\nLocal\n");
        await server.DeliverAsync("alice", "Subject: made there\r\nMessage-ID: <there@example.test>\r\n\r\nRemote\r\n");
        (await home.RunAsync("mbsync", "-c", rc, "-a")).ShouldSucceed();

        Assert.Equal(6, Messages(inbox).Length);
        IReadOnlyList<string> there = server.StoredMessages("alice");
        Assert.Equal(6, there.Count);
        Assert.Contains(there, m => m.Contains("made here", StringComparison.Ordinal));
        Assert.Equal(1, server.StoredFiles("alice").Count(f => f.EndsWith('F')));

        string before = State(home.Home);
        ProgramResult again = await home.RunAsync("mbsync", "-c", rc, "-V", "-a");
        again.ShouldSucceed();
        Assert.Equal(before, State(home.Home));
        foreach (string deed in (string[])["pulling", "pushing", "propagating", "expunging", "trashing", "creating"])
            Assert.DoesNotContain(deed, again.Output, StringComparison.OrdinalIgnoreCase);
    }

    private static string[] Messages(string maildir)
        => [.. Directory.GetFiles(Path.Combine(maildir, "new")).Concat(Directory.GetFiles(Path.Combine(maildir, "cur"))).Order(StringComparer.Ordinal)];

    private static string State(string home)
        => string.Join('\n', Directory.GetFiles(Path.Combine(home, "mail"), "*", SearchOption.AllDirectories)
            .Where(f => f.Contains("/cur/", StringComparison.Ordinal) || f.Contains("/new/", StringComparison.Ordinal)).Order(StringComparer.Ordinal));
}
