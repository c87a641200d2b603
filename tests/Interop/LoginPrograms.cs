namespace FullStack.Interop;

/// <summary>One login that a program is to do.</summary>
/// <param name="Protocol">smtp, imap or pop3.</param>
/// <param name="Mechanism">As registered; or LOGIN, APOP and PASS for the protocols' own commands. Empty: the program chooses.</param>
/// <param name="Address">Who logs in.</param>
/// <param name="Home">Where the program runs.</param>
/// <param name="Server">To what.</param>
internal sealed record ProgramLogin(string Protocol, string Mechanism, string Address, ExternalProgram Home, LoginServer Server)
{
    public string Password => InteropServer.PasswordOf(Address);

    public bool IsByToken => Mechanism is "OAUTHBEARER" or "XOAUTH2";

    /// <summary>What is shown: the password, or a token.</summary>
    public string Secret => IsByToken ? Server.TokenFor(Address) : Password;

    /// <summary>It logs in where XOAUTH2 is the only mechanism beside LOGIN.</summary>
    public bool IsAlone { get; init; }

    /// <summary>Where TLS begins with the connection.</summary>
    public int Port => IsAlone ? Server.PortOfFew(Protocol) : Server.Port(Protocol, isImplicit: true);

    /// <summary>Where TLS begins with a command.</summary>
    public int StartPort => Server.Port(Protocol, isImplicit: false);

    /// <summary>The client's certificate and key as a file.</summary>
    public string CertificateFile => Home.Write("client.pem", Server.CertificateFor(Address));
}

/// <summary>How mail programs are told to log in by a certain mechanism.</summary>
internal static class LoginPrograms
{
    private const string Message = "Subject: by a certain mechanism\n\nHello.\n";

    public static Task<ProgramResult> RunAsync(string program, ProgramLogin login) => program switch
    {
        "gsasl" => GsaslAsync(login),
        "curl" => CurlAsync(login),
        "swaks" => SwaksAsync(login),
        "msmtp" => MsmtpAsync(login),
        "mpop" => MpopAsync(login),
        "mbsync" => MbsyncAsync(login),
        "cyrus" => CyrusTools.LogInAsync(login),
        _ => MuttAsync(program, login),
    };

    /// <summary>Binds where it is not told to let that be: to TLS 1.3 by tls-exporter.</summary>
    /// <param name="login">What it is to do.</param>
    /// <param name="more">Further arguments.</param>
    public static Task<ProgramResult> GsaslAsync(ProgramLogin login, params string[] more)
    {
        List<string> arguments =
        [
            $"--{login.Protocol}", "--connect", $"127.0.0.1:{login.StartPort}", $"--authentication-id={login.Address}",
            $"--anonymous-token={login.Address}", $"--password={login.Password}", "--x509-ca-file=", "--quiet",
            .. more,
        ];
        if (login.Mechanism.Length > 0)
            arguments.Add("--mechanism=" + login.Mechanism);
        if (login.Mechanism == "EXTERNAL")
            arguments.AddRange([$"--authorization-id={login.Address}", $"--x509-cert-file={login.CertificateFile}", $"--x509-key-file={login.CertificateFile}"]);
        return login.Home.RunAsync("gsasl", [.. arguments]);
    }

    private static Task<ProgramResult> CurlAsync(ProgramLogin login)
    {
        List<string> arguments = ["-sS", "-k", "--max-time", "30"];
        if (login.Mechanism.Length > 0)
            arguments.AddRange(["--login-options", "AUTH=" + (login.Mechanism == "APOP" ? "+" : "") + login.Mechanism]);
        // It takes EXTERNAL only where there is no password.
        arguments.AddRange(login.IsByToken ? ["-u", login.Address, "--oauth2-bearer", login.Secret] : ["-u", $"{login.Address}:{(login.Mechanism == "EXTERNAL" ? "" : login.Password)}"]);
        if (login.Mechanism == "EXTERNAL")
            arguments.AddRange(["--cert", login.CertificateFile]);
        arguments.Add($"{login.Protocol}s://127.0.0.1:{login.Port}/");
        if (login.Protocol == "smtp")
            arguments.AddRange(["--mail-from", login.Address, "--mail-rcpt", login.Address, "-T", login.Home.Write("mail", Message)]);
        return login.Home.RunAsync("curl", [.. arguments]);
    }

    private static Task<ProgramResult> SwaksAsync(ProgramLogin login) => login.Home.RunAsync(
        "swaks", "--server", "127.0.0.1", "--port", $"{login.StartPort}", "--tls", "--auth", login.Mechanism, "--auth-user", login.Address, "--auth-password", login.Password,
        "--from", login.Address, "--to", login.Address, "--suppress-data");

    private static Task<ProgramResult> MsmtpAsync(ProgramLogin login)
    {
        string rc = login.Home.Write(".msmtprc", $"account default\nfrom {login.Address}\n" + Account(login));
        return login.Home.RunAsync("msmtp", ["-C", rc, login.Address], Message);
    }

    private static Task<ProgramResult> MpopAsync(ProgramLogin login)
    {
        string rc = login.Home.Write(".mpoprc", $"account default\ndelivery mbox {login.Home.Home}/got\nuidls_file {login.Home.Home}/uidls\n" + Account(login));
        return login.Home.RunAsync("mpop", "-C", rc);
    }

    /// <summary>What msmtp and mpop are told in the same words.</summary>
    private static string Account(ProgramLogin login)
    {
        string mechanism = login.Mechanism switch { "" => "on", "PASS" => "user", _ => login.Mechanism.ToLowerInvariant() };
        string file = login.Mechanism == "EXTERNAL" ? login.CertificateFile : "";
        return $"""
            host 127.0.0.1
            port {login.Port}
            auth {mechanism}
            user {login.Address}
            passwordeval cat {login.Home.Write("secret", login.Secret)}
            tls on
            tls_starttls off
            tls_certcheck off
            {(file.Length > 0 ? $"tls_cert_file {file}\ntls_key_file {file}" : "")}

            """;
    }

    private static Task<ProgramResult> MbsyncAsync(ProgramLogin login)
    {
        string certificate = login.Mechanism == "EXTERNAL" ? $"ClientCertificate {login.CertificateFile}\nClientKey {login.CertificateFile}\n" : "";
        string rc = login.Home.Write(".mbsyncrc", $"""
            IMAPAccount server
            Host localhost
            Port {login.Port}
            User {login.Address}
            Pass {login.Secret}
            AuthMechs {(login.Mechanism.Length > 0 ? login.Mechanism : "*")}
            SSLType IMAPS
            CertificateFile {login.Server.CertificateFile}
            {certificate}
            IMAPStore far
            Account server

            MaildirStore near
            Path {login.Home.Home}/mail/
            Inbox {login.Home.Home}/mail/INBOX

            Channel all
            Far :far:
            Near :near:
            SyncState *

            """);
        Directory.CreateDirectory(Path.Combine(login.Home.Home, "mail"));
        return login.Home.RunAsync("mbsync", "-c", rc, "-l", "all");
    }

    private static Task<ProgramResult> MuttAsync(string mutt, ProgramLogin login)
    {
        string name = login.Mechanism == "PASS" ? "user" : login.Mechanism.ToLowerInvariant();
        string token = login.IsByToken ? $"printf %s {login.Secret}" : "";
        string certificate = login.Mechanism == "EXTERNAL" ? $"set ssl_client_cert=\"{login.CertificateFile}\"" : "";
        string rc = login.Home.Write("muttrc", $"""
            set folder="{login.Home.Home}" from="{login.Address}" use_envelope_from=yes sendmail_wait=0 record="" copy=no quit=yes sleep_time=0 wait_key=no header_cache="" mail_check=0 timeout=1
            set smtp_url="smtps://{login.Address}@127.0.0.1:{login.Port}/" smtp_pass="{login.Password}" smtp_authenticators="{name}"
            set imap_user="{login.Address}" imap_pass="{login.Password}" imap_authenticators="{name}"
            set pop_user="{login.Address}" pop_pass="{login.Password}" pop_authenticators="{name}" pop_auth_try_all={(login.Mechanism.Length > 0 ? "no" : "yes")}
            set smtp_oauth_refresh_command="{token}" imap_oauth_refresh_command="{token}" pop_oauth_refresh_command="{token}"
            set certificate_file="{login.Server.CertificateFile}" ssl_verify_host=no ssl_verify_dates=no
            {certificate}

            """);
        if (login.Protocol == "smtp")
            return login.Home.RunAsync(mutt, ["-F", rc, "-s", "by a certain mechanism", login.Address], "Hello.\n");
        string url = login.Protocol == "imap" ? $"imaps://127.0.0.1:{login.Port}/INBOX" : $"pops://127.0.0.1:{login.Port}/";
        return login.Home.RunAsync("script", "-qec", $"{mutt} -F {rc} -f {url} -e 'push \"<quit>\"'", "/dev/null");
    }
}
