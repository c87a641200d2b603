using System.Diagnostics;
using System.Globalization;
using System.Text.Json;

namespace FullStack.Interop.Thunderbird;

/// <summary>Debian's Thunderbird on a screen of its own, with a profile of its own.</summary>
internal sealed class RunningThunderbird : IAsyncDisposable
{
    /// <summary>What every script may use. <c>until</c> looks ten times a second, for 25 seconds unless told.</summary>
    private const string Prelude = """
        const { MailServices } = ChromeUtils.importESModule("resource:///modules/MailServices.sys.mjs");
        const account = MailServices.accounts.defaultAccount;
        const root = account?.incomingServer.rootFolder;
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

    /// <summary>Starts it with one account at the server.</summary>
    public static async Task<RunningThunderbird> StartAsync(InteropServer server, string user, CancellationToken ct)
    {
        string address = $"{user}@example.test";
        RunningThunderbird running = await RunAsync(server, Preferences + AccountPreferences(server, address), ct);
        await running.RunAsync(
            "account.incomingServer.password = given[0]; MailServices.outgoingServer.defaultServer.password = given[0];", ct, InteropServer.PasswordOf(address));
        return running;
    }

    /// <summary>Starts it as if for the first time, without any account.</summary>
    /// <remarks>It finds the hosts of example.test by a proxy that is the server itself, for there is no DNS in which they could stand.</remarks>
    public static Task<RunningThunderbird> StartWithoutAccountAsync(InteropServer server, CancellationToken ct) => RunAsync(server, $"""
        {Preferences}user_pref("network.proxy.type", 1);
        user_pref("network.proxy.http", "127.0.0.1");
        user_pref("network.proxy.http_port", {server.Web});
        user_pref("network.proxy.allow_hijacking_localhost", false);
        user_pref("mailnews.auto_config_url", "");
        user_pref("mail.accounthub.enabled", true);

        """, ct);

    private static async Task<RunningThunderbird> RunAsync(InteropServer server, string preferences, CancellationToken ct)
    {
        ExternalProgram home = server.NewHome();
        string profile = Path.GetDirectoryName(home.Write("profile/user.js", preferences))!;
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
            int[] ports = [server.Imaps, server.Pop3s, server.Submissions];
            await running.RunAsync(Trusting, ct, ports, Base64Of(server.CertificateFile));
            return running;
        }
        catch
        {
            process.Kill(entireProcessTree: true);
            throw;
        }
    }

    /// <summary>Runs a script inside Thunderbird; see <see cref="Marionette.RunAsync"/>.</summary>
    public async Task<JsonElement> RunAsync(string script, CancellationToken ct, params object?[] arguments)
    {
        try
        {
            return await _marionette.RunAsync(Prelude + script, arguments, ct);
        }
        catch
        {
            await PhotographAsync("failure", ct);
            throw;
        }
    }

    /// <summary>Takes a picture of the window into the folder that the variable SCREENSHOTS names, for people to look at; without it, none.</summary>
    public async Task PhotographAsync(string name, CancellationToken ct)
    {
        if (Environment.GetEnvironmentVariable("SCREENSHOTS") is { Length: > 0 } folder)
            await File.WriteAllBytesAsync(Path.Combine(folder, name + ".png"), await _marionette.ScreenshotAsync(ct), ct);
    }

    public async ValueTask DisposeAsync()
    {
        _marionette.Dispose();
        _process.Kill(entireProcessTree: true);
        await _process.WaitForExitAsync();
        _process.Dispose();
    }

    /// <summary>Knows the server's own certificate, so that no window asks for it.</summary>
    private const string Trusting = """
        const [ports, certificate] = given;
        const known = Cc["@mozilla.org/security/x509certdb;1"].getService(Ci.nsIX509CertDB).constructX509FromBase64(certificate);
        const overrides = Cc["@mozilla.org/security/certoverride;1"].getService(Ci.nsICertOverrideService);
        for (const port of ports) {
          for (const host of ["127.0.0.1", "localhost"])
            overrides.rememberValidityOverride(host, port, {}, known, true);
        }
        """;

    private const string Preferences = """
        user_pref("marionette.port", 0);
        user_pref("app.update.enabled", false);
        user_pref("datareporting.policy.dataSubmissionPolicyBypassNotification", true);
        user_pref("mail.provider.suppress_dialog_on_startup", true);
        user_pref("mail.rights.version", 1);
        user_pref("mail.shell.checkDefaultClient", false);
        user_pref("mail.spotlight.firstRunDone", true);
        user_pref("mailnews.start_page.enabled", false);

        """;

    private static string AccountPreferences(InteropServer server, string address) => $"""
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
