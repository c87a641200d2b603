using FullStack.Harness;

namespace FullStack.Interop;

/// <summary>Cyrus' test clients, which log in by Cyrus SASL: unpacked, for their package would bring a mail server along.</summary>
internal static class CyrusTools
{
    /// <summary>Where they are, so that later runs find them.</summary>
    private static string Folder => Environment.GetEnvironmentVariable("FULLSTACK_CYRUS_TOOLS") is { Length: > 0 } set ? set : "/var/tmp/fullstack-cyrus-tools";

    /// <summary>Skips the test where they are missing; unpacks them where FULLSTACK_REQUIRE_PROGRAMS is set.</summary>
    public static async Task RequireAsync()
    {
        string script = Path.Combine(SourceTree.Root, "tests", "Interop", "cyrus-tools.sh");
        if (Environment.GetEnvironmentVariable("FULLSTACK_REQUIRE_PROGRAMS") is null or "" && !File.Exists(Path.Combine(Folder, "installed")))
            Assert.Skip($"there are no test clients of Cyrus; {script} {Folder} unpacks them");
        (await new ExternalProgram("/").RunAsync("sh", "-c", "exec \"$@\"", "sh", script, Folder)).ShouldSucceed();
    }

    /// <summary>Logs in and out again. It succeeds also where it was refused: the server's log tells.</summary>
    public static Task<ProgramResult> LogInAsync(ProgramLogin login)
    {
        string tool = login.Protocol switch { "imap" => "imtest", "pop3" => "pop3test", _ => "smtptest" };
        string[] mechanism = login.Mechanism.Length > 0 ? ["-m", login.Mechanism] : [];
        return login.Home.RunAsync(
            "env", [$"LD_LIBRARY_PATH={Folder}/lib", $"{Folder}/bin/{tool}", .. mechanism, "-a", login.Address, "-w", login.Password, "-s", "-p", $"{login.Port}", "127.0.0.1"]);
    }
}
