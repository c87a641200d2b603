using FullStack.Auth.Backends;
using FullStack.Auth.Passwords;
using FullStack.Harness;
using FullStack.Harness.Servers;

namespace FullStack.Crash;

/// <summary>The data folder and configuration of a server that is killed again and again.</summary>
internal sealed class CrashSite : IDisposable
{
    private readonly DataFolder _folder = new();

    public CrashSite()
    {
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
            store: { sync: full }

            """);
        using AccountDirectory directory = new(_folder.File("data/directory.db"));
        directory.AddDomain(TestAccounts.Domain);
        foreach (string user in TestAccounts.Users)
            directory.AddUser(TestAccounts.AddressOf(user), PasswordHash.Create(TestAccounts.PasswordOf(user)));
    }

    /// <summary>The configuration file.</summary>
    public string Configuration => _folder.File("fullstack.yaml");

    public string Mail => _folder.File("data/mail");

    public string MaildirOf(string user) => Path.Combine(Mail, TestAccounts.Domain, user, "Maildir");

    public void Dispose() => _folder.Dispose();
}
