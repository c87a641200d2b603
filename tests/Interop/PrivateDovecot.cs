using System.Net;

namespace FullStack.Interop;

/// <summary>A Dovecot of the test's own: IMAP on a free loopback port, all its files in one folder, any user with password "pass".</summary>
/// <remarks>It needs root, for it serves mail as another user than its own.</remarks>
internal sealed class PrivateDovecot : IAsyncDisposable
{
    private const string Owner = "5000:5000";
    private readonly DirectoryInfo _folder;
    private readonly ExternalProgram _programs;

    private PrivateDovecot(DirectoryInfo folder, bool pop3)
    {
        _folder = folder;
        _programs = new(folder.FullName);
        EndPoint = new(IPAddress.Loopback, FreePorts.Next());
        Pop3 = pop3 ? new(IPAddress.Loopback, FreePorts.Next()) : null;
    }

    public IPEndPoint EndPoint { get; }

    /// <summary>Where it serves POP3; null where it does not.</summary>
    public IPEndPoint? Pop3 { get; }

    public string ErrorLog => Path.Combine(_folder.FullName, "dovecot.log") is var log && File.Exists(log) ? File.ReadAllText(log) : "";

    private string Configuration => Path.Combine(_folder.FullName, "dovecot.conf");

    /// <summary>Starts it with a Maildir of one user.</summary>
    /// <param name="user">Whose Maildir it is.</param>
    /// <param name="fill">Puts messages into the Maildir, whose path it is given.</param>
    /// <param name="pop3">Whether it serves POP3 too.</param>
    public static async Task<PrivateDovecot> StartAsync(string user, Action<string> fill, bool pop3 = false)
    {
        DirectoryInfo folder = Directory.CreateTempSubdirectory("dc"); // short: the paths of Dovecot's sockets have a limit of 107 octets
        PrivateDovecot dovecot = new(folder, pop3);
        const UnixFileMode open = UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute
            | UnixFileMode.GroupRead | UnixFileMode.GroupExecute | UnixFileMode.OtherRead | UnixFileMode.OtherExecute;
        File.SetUnixFileMode(folder.FullName, open);
        fill(Path.Combine(folder.FullName, "mail", user, "Maildir"));
        string version = (await dovecot._programs.RunAsync("dovecot", "--version")).Output;
        await File.WriteAllTextAsync(dovecot.Configuration, dovecot.Settings(version.StartsWith("2.4", StringComparison.Ordinal)));
        (await dovecot._programs.RunAsync("chown", "-R", Owner, Path.Combine(folder.FullName, "mail"))).ShouldSucceed();

        // It goes into the background with its output still open, for whose end nobody should wait.
        (await dovecot._programs.RunAsync("sh", "-c", "exec dovecot -c \"$0\" > start.log 2>&1", dovecot.Configuration)).ShouldSucceed();
        return dovecot;
    }

    /// <summary>Ends it and leaves its files.</summary>
    public Task StopAsync() => _programs.RunAsync("dovecot", "-c", Configuration, "stop");

    public async ValueTask DisposeAsync()
    {
        await StopAsync();
        await DaemonFolder.DeleteAsync(_folder);
    }

    private string Settings(bool is24) => (is24 ? Settings24() : Settings23()) + $$"""
        base_dir = {{_folder.FullName}}/run
        state_dir = {{_folder.FullName}}/state
        log_path = {{_folder.FullName}}/dovecot.log
        protocols = imap{{(Pop3 is null ? "" : " pop3")}}
        listen = 127.0.0.1
        ssl = no
        namespace inbox {
          inbox = yes
        }
        service imap-login {
          inet_listener imap {
            port = {{EndPoint.Port}}
          }
          inet_listener imaps {
            port = 0
          }
        }

        """ + (Pop3 is null ? "" : $$"""
        service pop3-login {
          inet_listener pop3 {
            port = {{Pop3.Port}}
          }
          inet_listener pop3s {
            port = 0
          }
        }

        """);

    private string Settings23() => $$"""
        disable_plaintext_auth = no
        mail_plugins = acl
        protocol imap {
          mail_plugins = acl imap_acl
        }
        plugin {
          acl = vfile
        }
        mail_location = maildir:{{_folder.FullName}}/mail/%n/Maildir
        passdb {
          driver = static
          args = password=pass
        }
        userdb {
          driver = static
          args = uid=5000 gid=5000 home={{_folder.FullName}}/mail/%n allow_all_users=yes
        }

        """;

    private string Settings24() => $$"""
        dovecot_config_version = 2.4.0
        dovecot_storage_version = 2.4.0
        auth_allow_cleartext = yes
        mail_plugins {
          acl = yes
        }
        protocol imap {
          mail_plugins {
            imap_acl = yes
          }
        }
        acl_driver = vfile
        mail_driver = maildir
        mail_path = {{_folder.FullName}}/mail/%{user | username}/Maildir
        passdb static {
          password = pass
        }
        userdb static {
          fields {
            uid = 5000
            gid = 5000
            home = {{_folder.FullName}}/mail/%{user | username}
          }
        }
        userdb_static_allow_all_users = yes

        """;
}
