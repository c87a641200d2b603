namespace FullStack.Interop;

/// <summary>Programs that fetch mail and leave it on the server find it once: fetchmail, getmail, mpop, offlineimap.</summary>
public sealed class FetchingTests(InteropServer server) : IClassFixture<InteropServer>
{
    [Theory]
    [InlineData("pop3", false)]
    [InlineData("pop3", true)]
    [InlineData("imap", false)]
    [InlineData("imap", true)]
    public async Task Fetchmail_fetches_once(string protocol, bool tls)
    {
        ExternalProgram.Require("fetchmail");
        string user = await FillAsync();
        ExternalProgram home = server.NewHome();
        int port = (protocol, tls) switch { ("pop3", false) => server.Pop3, ("pop3", true) => server.Pop3s, (_, false) => server.Imap, _ => server.Imaps };
        string got = Path.Combine(home.Home, "got");
        string rc = home.Write(".fetchmailrc", $"""
            poll 127.0.0.1 protocol {protocol} port {port} {(protocol == "pop3" ? "uidl" : "")}
              username "{user}@example.test" password "{InteropServer.PasswordOf(user)}"
              {(tls ? "ssl" : "sslproto ''")} no sslcertck keep mda "cat >> {got}"

            """);
        (await home.RunAsync("fetchmail", "-f", rc, "--idfile", Path.Combine(home.Home, "ids"), "--pidfile", Path.Combine(home.Home, "pid"), "-v")).ShouldSucceed();
        Assert.Equal(3, Count(File.ReadAllText(got), "Subject: fetch "));
        ProgramResult again = await home.RunAsync("fetchmail", "-f", rc, "--idfile", Path.Combine(home.Home, "ids"), "--pidfile", Path.Combine(home.Home, "pid"));
        Assert.Equal(1, again.ExitCode); // fetchmail: no mail to fetch
        Assert.Equal(3, Count(File.ReadAllText(got), "Subject: fetch "));
    }

    /// <summary>What fetchmail is told in each of its runs, and how many of three messages are on the server then.</summary>
    [Theory]
    [InlineData(0, "fetchall nokeep")]
    [InlineData(3, "fetchlimit 1 keep", "fetchlimit 1 keep", "fetchlimit 1 keep")]
    [InlineData(0, "keep", "flush keep")] // flush: what was fetched before goes
    public async Task Fetchmail_takes_and_leaves_by_pop3_what_it_is_told_to(int left, params string[] runs)
    {
        ExternalProgram.Require("fetchmail");
        string user = await FillAsync();
        ExternalProgram home = server.NewHome();
        string got = Path.Combine(home.Home, "got");
        foreach (string options in runs)
        {
            string rc = home.Write(".fetchmailrc", $"""
                poll 127.0.0.1 protocol pop3 port {server.Pop3s} uidl
                  username "{user}@example.test" password "{InteropServer.PasswordOf(user)}"
                  ssl no sslcertck {options} mda "cat >> {got}"

                """);
            await home.RunAsync("fetchmail", "-f", rc, "--idfile", Path.Combine(home.Home, "ids"), "--pidfile", Path.Combine(home.Home, "pid"));
        }

        Assert.Equal(3, Count(File.ReadAllText(got), "Subject: fetch "));
        Assert.Equal(left, server.StoredMessages(user).Count);
    }

    [Theory]
    [InlineData("SimplePOP3Retriever")]
    [InlineData("SimplePOP3SSLRetriever")]
    [InlineData("SimpleIMAPRetriever")]
    [InlineData("SimpleIMAPSSLRetriever")]
    public async Task Getmail_fetches_once(string retriever)
    {
        ExternalProgram.Require("getmail");
        string user = await FillAsync();
        ExternalProgram home = server.NewHome();
        bool pop3 = retriever.Contains("POP3", StringComparison.Ordinal), tls = retriever.Contains("SSL", StringComparison.Ordinal);
        int port = (pop3, tls) switch { (true, false) => server.Pop3, (true, true) => server.Pop3s, (false, false) => server.Imap, _ => server.Imaps };
        string got = Path.Combine(home.Home, "got");
        string rc = home.Write(".getmail/getmailrc", $"""
            [retriever]
            type = {retriever}
            server = 127.0.0.1
            port = {port}
            username = {user}@example.test
            password = {InteropServer.PasswordOf(user)}
            {(pop3 ? "" : "mailboxes = (\"INBOX\",)")}

            [destination]
            type = MDA_external
            path = /usr/bin/tee
            arguments = ("-a", "{got}")
            allow_root_commands = true

            [options]
            read_all = false
            delivered_to = false
            received = false
            delete = false

            """);
        (await home.RunAsync("getmail", "--getmaildir", Path.Combine(home.Home, ".getmail"))).ShouldSucceed();
        Assert.Equal(3, Count(File.ReadAllText(got), "Subject: fetch "));
        (await home.RunAsync("getmail", "--getmaildir", Path.Combine(home.Home, ".getmail"))).ShouldSucceed();
        Assert.Equal(3, Count(File.ReadAllText(got), "Subject: fetch "));
        Assert.Equal(3, server.StoredMessages(user).Count);

        File.WriteAllText(rc, File.ReadAllText(rc).Replace("delete = false", "delete = true", StringComparison.Ordinal));
        (await home.RunAsync("getmail", "--getmaildir", Path.Combine(home.Home, ".getmail"))).ShouldSucceed();
        Assert.Equal(3, Count(File.ReadAllText(got), "Subject: fetch "));
        Assert.Empty(server.StoredMessages(user));
    }

    [Theory]
    [InlineData("off")]
    [InlineData("implicit")]
    [InlineData("stls")]
    public async Task Mpop_fetches_once(string tls)
    {
        ExternalProgram.Require("mpop");
        string user = await FillAsync();
        ExternalProgram home = server.NewHome();
        string got = Path.Combine(home.Home, "got");
        string rc = home.Write(".mpoprc", $"""
            account default
            host 127.0.0.1
            port {(tls == "implicit" ? server.Pop3s : server.Pop3)}
            user {user}@example.test
            password {InteropServer.PasswordOf(user)}
            auth user
            tls {(tls == "off" ? "off" : "on")}
            {(tls == "off" ? "" : $"tls_starttls {(tls == "stls" ? "on" : "off")}\ntls_certcheck off")}
            keep on
            delivery mbox {got}
            uidls_file {home.Home}/uidls

            """);
        (await home.RunAsync("mpop", "-C", rc)).ShouldSucceed();
        (await home.RunAsync("mpop", "-C", rc)).ShouldSucceed();
        Assert.Equal(3, Count(File.ReadAllText(got), "Subject: fetch "));
        Assert.Equal(3, server.StoredMessages(user).Count);
        (await home.RunAsync("mpop", "-C", rc, "--keep=off")).ShouldSucceed();
        Assert.Equal(3, Count(File.ReadAllText(got), "Subject: fetch "));
        Assert.Empty(server.StoredMessages(user));
    }

    [Fact]
    public async Task Offlineimap_syncs_twice_and_changes_nothing_the_second_time()
    {
        ExternalProgram.Require("offlineimap");
        string user = await FillAsync();
        ExternalProgram home = server.NewHome();
        string rc = home.Write(".offlineimaprc", $"""
            [general]
            accounts = a
            metadata = {home.Home}/meta
            ui = basic

            [Account a]
            localrepository = near
            remoterepository = far

            [Repository near]
            type = Maildir
            localfolders = {home.Home}/mail

            [Repository far]
            type = IMAP
            remotehost = localhost
            remoteport = {server.Imaps}
            remoteuser = {user}@example.test
            remotepass = {InteropServer.PasswordOf(user)}
            ssl = yes
            sslcacertfile = {server.CertificateFile}

            """);
        (await home.RunAsync("offlineimap", "-c", rc, "-o")).ShouldSucceed();
        string inbox = Path.Combine(home.Home, "mail", "INBOX");
        string[] files = Files(inbox);
        Assert.Equal(3, files.Length);
        (await home.RunAsync("offlineimap", "-c", rc, "-o")).ShouldSucceed();
        Assert.Equal(files, Files(inbox));
        Assert.Equal(3, server.StoredMessages(user).Count);
    }

    private static string[] Files(string maildir)
        => [.. Directory.GetFiles(Path.Combine(maildir, "new")).Concat(Directory.GetFiles(Path.Combine(maildir, "cur"))).Order(StringComparer.Ordinal)];

    private static int Count(string text, string part) => text.Split(part).Length - 1;

    private async Task<string> FillAsync()
    {
        string user = server.NewUser();
        for (int i = 1; i <= 3; i++)
            await server.DeliverAsync(user, $"From: a@example.test\r\nSubject: fetch {i}\r\nMessage-ID: <{user}.{i}@example.test>\r\n\r\nLine\r\n.dot\r\n");
        return user;
    }
}
