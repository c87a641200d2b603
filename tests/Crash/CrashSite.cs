using FullStack.Auth.Backends;
using FullStack.Auth.Passwords;
using FullStack.Harness;
using FullStack.Harness.Servers;
using FullStack.Store;

namespace FullStack.Crash;

/// <summary>The data folder and configuration of a server that is killed again and again.</summary>
internal sealed class CrashSite : IDisposable
{
    private readonly DataFolder _folder = new();

    /// <param name="format">How the server keeps mail.</param>
    /// <param name="more">Further lines of the configuration.</param>
    public CrashSite(StoreFormat format, string more = "")
    {
        Format = format;
        Directory.CreateDirectory(_folder.File("data"));
        File.WriteAllText(Configuration, $$"""
            hostname: mail.example.test
            data: ./data
            domains: [{{TestAccounts.Domain}}]
            listeners:
              - { protocol: smtp,       address: "127.0.0.1:0" }
              - { protocol: submission, address: "127.0.0.1:0" }
              - { protocol: pop3,       address: "127.0.0.1:0" }
              - { protocol: imap,       address: "127.0.0.1:0" }
            store: { sync: full, format: {{(format == StoreFormat.Mbox ? "mbox" : "maildir")}} }
            {{more}}
            """);
        using AccountDirectory directory = new(_folder.File("data/directory.db"));
        directory.AddDomain(TestAccounts.Domain);
        foreach (string user in TestAccounts.Users)
            directory.AddUser(TestAccounts.AddressOf(user), PasswordHash.Create(TestAccounts.PasswordOf(user)));
    }

    /// <summary>The configuration file.</summary>
    public string Configuration => _folder.File("fullstack.yaml");

    public string Queue => _folder.File("data/queue");

    public string Mail => _folder.File("data/mail");

    /// <summary>How the server keeps mail.</summary>
    public StoreFormat Format { get; }

    /// <summary>A user's INBOX: a directory of Maildir, or a file of mbox.</summary>
    private string InboxOf(string user) => Path.Combine(Mail, TestAccounts.Domain, user, Format == StoreFormat.Mbox ? "inbox" : "Maildir");

    /// <summary>The Message-IDs of a user's INBOX, as another program finds them on the disk.</summary>
    /// <param name="problems">Takes what is there and should not be.</param>
    public IReadOnlyList<string> Inspect(string user, Ledger ledger, List<string> problems) => Format == StoreFormat.Mbox
        ? File.Exists(InboxOf(user)) ? MboxInspection.Read(InboxOf(user), ledger, problems) : []
        : Directory.Exists(InboxOf(user)) ? MaildirInspection.Read(InboxOf(user), ledger, problems) : [];

    /// <summary>The messages of a user's INBOX, which is a Maildir; none where nothing came yet.</summary>
    public IEnumerable<string> MessageFiles(string user) => Directory.Exists(InboxOf(user))
        ? Directory.EnumerateFiles(Path.Combine(InboxOf(user), "new")).Concat(Directory.EnumerateFiles(Path.Combine(InboxOf(user), "cur")))
        : [];

    public void Dispose() => _folder.Dispose();
}
