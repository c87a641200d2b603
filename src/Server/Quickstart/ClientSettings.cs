using System.Globalization;
using FullStack.Server.Cli;
using FullStack.Server.ClientSetup;
using FullStack.Server.Configuration;
using FullStack.Server.Hosting;
using FullStack.Server.Tls;
using Spectre.Console;

namespace FullStack.Server.Quickstart;

/// <summary>What a mail program has to be told to use the demo's account.</summary>
internal sealed class ClientSettings(DemoFolder folder, ServerConfiguration configuration, IReadOnlyList<BoundListener> listeners, IReadOnlyList<BoundWebListener> web)
{
    private const string Host = "localhost";

    /// <summary>Writes a muttrc with which `mutt -F` reads and sends.</summary>
    /// <remarks>The server's certificate is named as trusted, so mutt checks it and asks nothing.</remarks>
    public void WriteMuttrc(Steps steps)
    {
        if (PortOf(ListenerProtocol.Imap, ListenerTls.Implicit) is not { } imap || PortOf(ListenerProtocol.Submission, ListenerTls.Implicit) is not { } submission)
            return; // somebody changed the listeners; then a muttrc of ours would not work
        string certificate = (configuration.Tls.Default ?? SelfSignedCertificate.FilesIn(configuration.TlsFolder)).Certificate;
        string escaped = Uri.EscapeDataString(folder.Address);
        string password = folder.Password is null ? "" : $"""
            set imap_pass = "{folder.Password}"
            set smtp_pass = "{folder.Password}"

            """;
        PrivateFolder.WriteFile(folder.MuttrcPath, $"""
            # For: mutt -F {folder.MuttrcPath}
            set from = "{folder.Address}"
            set use_from = yes
            set envelope_from = yes
            set folder = "imaps://{escaped}@{Host}:{imap}/"
            set spoolfile = "+INBOX"
            set record = "+Sent"
            set postponed = "+Drafts"
            set trash = "+Trash"
            mailboxes +INBOX +Sent +Drafts +Junk +Trash +Archive
            set imap_user = "{folder.Address}"
            set imap_idle = yes
            set smtp_url = "smtps://{escaped}@{Host}:{submission}/"
            set smtp_authenticators = "plain"
            {password}set ssl_force_tls = yes
            set certificate_file = "{certificate}"
            set header_cache = ""

            """);
        steps.Done($"wrote settings for mutt: {folder.MuttrcPath}");
    }

    /// <summary>Prints the account, the ports and the settings for Thunderbird and mutt.</summary>
    public void Print(Terminal terminal)
    {
        TextWriter output = terminal.Output;
        output.WriteLine();
        output.WriteLine($"Account    {folder.Address}");
        output.WriteLine(folder.Password is null ? "Password   not kept here" : $"Password   {folder.Password}   (kept in {folder.AccountPath})");
        output.WriteLine();
        PrintPorts(terminal);
        output.WriteLine();
        output.WriteLine("Thunderbird: new account, your name, the address and the password above, then \"Configure manually\":");
        PrintServer(output, "Incoming", "IMAP", ListenerProtocol.Imap);
        PrintServer(output, "Outgoing", "SMTP", ListenerProtocol.Submission);
        output.WriteLine("  Thunderbird asks once whether to trust the certificate, because the server made it itself: confirm the exception.");
        output.WriteLine();
        if (web.Count > 0)
        {
            string address = Uri.EscapeDataString(folder.Address);
            output.WriteLine("The same for programs that set themselves up:");
            output.WriteLine($"  http://{Host}:{web[0].EndPoint.Port}/.well-known/autoconfig/mail/config-v1.1.xml?emailaddress={address}");
            output.WriteLine($"  http://{Host}:{web[0].EndPoint.Port}/mail.mobileconfig?email={address}");
            output.WriteLine();
        }

        output.WriteLine($"mutt:        mutt -F {folder.MuttrcPath}");
        output.WriteLine();
        output.WriteLine("The server runs until Ctrl-C. Log lines follow.");
        output.WriteLine();
        output.Flush();
    }

    private void PrintServer(TextWriter output, string direction, string protocol, ListenerProtocol listener)
    {
        if (PortOf(listener, ListenerTls.Implicit) is { } port)
            output.WriteLine($"  {direction}: {protocol}, hostname {Host}, port {port}, SSL/TLS, normal password, username {folder.Address}");
    }

    private void PrintPorts(Terminal terminal)
    {
        IEnumerable<(string Name, string Port, string Tls)> rows = listeners
            .DistinctBy(static l => (l.Protocol, l.Tls, l.EndPoint.Port))
            .Select(static l => (NameOf(l.Protocol), l.EndPoint.Port.ToString(CultureInfo.InvariantCulture), l.Tls == ListenerTls.Implicit ? "TLS" : "STARTTLS"));
        if (!terminal.OutputIsTerminal)
        {
            foreach ((string name, string port, string tls) in rows)
                terminal.Output.WriteLine($"{name,-10} port {port,-5} {tls}");
            return;
        }

        Table table = new Table().Border(TableBorder.Rounded).AddColumns("Protocol", "Port", "Encryption");
        foreach ((string name, string port, string tls) in rows)
            table.AddRow(name, port, tls);
        AnsiConsole.Write(table);
    }

    private static string NameOf(ListenerProtocol protocol) => protocol == ListenerProtocol.Submission ? "Submission" : protocol.ToString().ToUpperInvariant();

    private int? PortOf(ListenerProtocol protocol, ListenerTls tls) => listeners.FirstOrDefault(l => l.Protocol == protocol && l.Tls == tls)?.EndPoint.Port;
}
