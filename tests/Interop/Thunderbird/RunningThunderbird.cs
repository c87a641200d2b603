using System.Diagnostics;
using System.Globalization;
using System.Text.Json;

namespace FullStack.Interop.Thunderbird;

/// <summary>Debian's Thunderbird on a screen of its own, with a prepared profile of one account at the server.</summary>
internal sealed class RunningThunderbird : IAsyncDisposable
{
    /// <summary>What every script may use. <c>until</c> looks ten times a second, for 25 seconds unless told.</summary>
    private const string Prelude = """
        const { MailServices } = ChromeUtils.importESModule("resource:///modules/MailServices.sys.mjs");
        const account = MailServices.accounts.defaultAccount;
        const root = account.incomingServer.rootFolder;
        const inbox = () => root.getFolderWithFlags(Ci.nsMsgFolderFlags.Inbox);
        const messages = folder => [...folder.msgDatabase.enumerateMessages()];
        const message = (folder, subject) => messages(folder).find(m => m.mime2DecodedSubject == subject);
        const until = async (found, what, looks = 250) => {
          for (let i = 0; i < looks; i++) {
            const value = found();
            if (value)
              return value;
            await new Promise(resolve => setTimeout(resolve, 100));
          }
          throw new Error("waited in vain for " + what);
        };

        """;

    private readonly Process _process;
    private readonly Marionette _marionette;

    private RunningThunderbird(Process process, Marionette marionette)
    {
        _process = process;
        _marionette = marionette;
    }

    public static async Task<RunningThunderbird> StartAsync(InteropServer server, string user, CancellationToken ct)
    {
        ExternalProgram home = server.NewHome();
        string address = $"{user}@example.test", password = InteropServer.PasswordOf(address);
        string profile = Path.GetDirectoryName(home.Write("profile/user.js", Preferences(server, address)))!;
        ProcessStartInfo start = new("/usr/bin/xvfb-run") { WorkingDirectory = home.Home, RedirectStandardOutput = true, RedirectStandardError = true };
        foreach (string argument in (string[])["-a", "thunderbird", "--profile", profile, "--no-remote", "--marionette", "--remote-allow-system-access"])
            start.ArgumentList.Add(argument);
        start.Environment["HOME"] = home.Home;
        Process process = Process.Start(start)!;
        process.OutputDataReceived += static (_, _) => { };
        process.ErrorDataReceived += static (_, _) => { };
        process.BeginOutputReadLine();
        process.BeginErrorReadLine();
        try
        {
            RunningThunderbird running = new(process, await Marionette.ConnectAsync(await PortAsync(process, profile, ct), ct));
            await running.RunAsync(Trusting, ct, server.Imaps, server.Submissions, Base64Of(server.CertificateFile), password);
            return running;
        }
        catch
        {
            process.Kill(entireProcessTree: true);
            throw;
        }
    }

    /// <summary>Runs a script inside Thunderbird; see <see cref="Marionette.RunAsync"/>.</summary>
    public Task<JsonElement> RunAsync(string script, CancellationToken ct, params object?[] arguments) => _marionette.RunAsync(Prelude + script, arguments, ct);

    public async ValueTask DisposeAsync()
    {
        _marionette.Dispose();
        _process.Kill(entireProcessTree: true);
        await _process.WaitForExitAsync();
        _process.Dispose();
    }

    /// <summary>Knows the server's own certificate, and the password, so that no window asks for them.</summary>
    private const string Trusting = """
        const [imaps, submissions, certificate, password] = given;
        const known = Cc["@mozilla.org/security/x509certdb;1"].getService(Ci.nsIX509CertDB).constructX509FromBase64(certificate);
        const overrides = Cc["@mozilla.org/security/certoverride;1"].getService(Ci.nsICertOverrideService);
        for (const port of [imaps, submissions])
          overrides.rememberValidityOverride("127.0.0.1", port, {}, known, true);
        account.incomingServer.password = password;
        MailServices.outgoingServer.defaultServer.password = password;
        """;

    private static string Preferences(InteropServer server, string address) => $"""
        user_pref("marionette.port", 0);
        user_pref("app.update.enabled", false);
        user_pref("datareporting.policy.dataSubmissionPolicyBypassNotification", true);
        user_pref("mail.provider.suppress_dialog_on_startup", true);
        user_pref("mail.rights.version", 1);
        user_pref("mail.shell.checkDefaultClient", false);
        user_pref("mail.spotlight.firstRunDone", true);
        user_pref("mailnews.start_page.enabled", false);
        user_pref("network.proxy.type", 0);
        user_pref("mail.accountmanager.accounts", "account1");
        user_pref("mail.accountmanager.defaultaccount", "account1");
        user_pref("mail.account.account1.server", "server1");
        user_pref("mail.account.account1.identities", "id1");
        user_pref("mail.server.server1.type", "imap");
        user_pref("mail.server.server1.name", "{address}");
        user_pref("mail.server.server1.hostname", "127.0.0.1");
        user_pref("mail.server.server1.port", {server.Imaps});
        user_pref("mail.server.server1.socketType", 3);
        user_pref("mail.server.server1.authMethod", 3);
        user_pref("mail.server.server1.userName", "{address}");
        user_pref("mail.server.server1.login_at_startup", false);
        user_pref("mail.identity.id1.valid", true);
        user_pref("mail.identity.id1.useremail", "{address}");
        user_pref("mail.identity.id1.fullName", "A Reader");
        user_pref("mail.identity.id1.smtpServer", "smtp1");
        user_pref("mail.smtpservers", "smtp1");
        user_pref("mail.smtp.defaultserver", "smtp1");
        user_pref("mail.smtpserver.smtp1.hostname", "127.0.0.1");
        user_pref("mail.smtpserver.smtp1.port", {server.Submissions});
        user_pref("mail.smtpserver.smtp1.try_ssl", 3);
        user_pref("mail.smtpserver.smtp1.authMethod", 3);
        user_pref("mail.smtpserver.smtp1.username", "{address}");

        """;

    /// <summary>Thunderbird writes the port that it took into its profile.</summary>
    private static async Task<int> PortAsync(Process process, string profile, CancellationToken ct)
    {
        string file = Path.Combine(profile, "MarionetteActivePort");
        while (true)
        {
            Assert.False(process.HasExited, "Thunderbird did not start");
            if (File.Exists(file) && int.TryParse(await File.ReadAllTextAsync(file, ct), CultureInfo.InvariantCulture, out int port))
                return port;
            await Task.Delay(100, ct);
        }
    }

    private static string Base64Of(string certificateFile)
        => string.Concat(File.ReadLines(certificateFile).Where(static line => line.Length > 0).Skip(1).TakeWhile(static line => line[0] != '-'));
}
