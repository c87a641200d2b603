using FullStack.Harness;

namespace FullStack.Interop.Service;

/// <summary>Starts on a disk that takes nothing: one sentence with the line of `data`, the right exit code, nothing changed.</summary>
public sealed class BadDiskTests : IDisposable
{
    private const UnixFileMode Everybody = UnixFileMode.UserRead | UnixFileMode.UserExecute | UnixFileMode.GroupRead | UnixFileMode.GroupExecute | UnixFileMode.OtherRead | UnixFileMode.OtherExecute;

    private readonly ScratchFolder _folder = new();

    private string Data => _folder.File("data");

    private string Config => _folder.File("fullstack.yaml");

    public BadDiskTests()
    {
        File.WriteAllText(Config, "hostname: mail.example.test\ndata: ./data\nlisteners: [{ protocol: imap, address: \"127.0.0.1:0\" }]\n");
        Directory.CreateDirectory(Data);
    }

    public void Dispose() => _folder.Dispose();

    /// <summary>As another user where the tests are root's, for root may write anywhere.</summary>
    [Fact]
    public async Task A_folder_that_may_not_be_written()
    {
        ExternalProgram.Require("setpriv", "sh");
        foreach (string folder in (string[])[_folder.FullPath, Data])
            File.SetUnixFileMode(folder, Everybody);
        File.SetUnixFileMode(Config, Everybody);
        string[] asNobody = Environment.IsPrivilegedProcess ? ["setpriv", "--reuid=65534", "--regid=65534", "--clear-groups"] : [];
        ProgramResult run = await RunAsync([.. asNobody, .. FakeSystemd.ServerCommand("serve", "--config", Config)]);
        Assert.Matches($"^fullstack: {Config}:2: data: the folder {Data} cannot be written by user [^ ]+: not permitted\n$", run.Output);
        Assert.Equal(77, run.ExitCode);
        Assert.Empty(Directory.GetFileSystemEntries(Data));
    }

    [Theory]
    [InlineData("ro", 73, "the folder {0} cannot be written: ")]
    [InlineData("size=64k", 75, "there is no room on the disk of {0}: make some, then start again")]
    public async Task A_disk_that_takes_nothing(string options, int exitCode, string sentence)
    {
        ExternalProgram.Require("unshare", "sh");
        // A file system of the process's own, which anybody may mount in a namespace of his own; what is in it afterwards is printed behind the server's words.
        string mount = $"mount -t tmpfs -o {options} tmpfs '{Data}' || exit 1; \"$@\"; code=$?; find '{Data}' -mindepth 1; exit $code";
        ProgramResult run = await RunAsync(["unshare", "-rm", "sh", "-c", mount, "sh", .. FakeSystemd.ServerCommand("serve", "--config", Config)]);
        Assert.StartsWith($"fullstack: {Config}:2: data: " + string.Format(System.Globalization.CultureInfo.InvariantCulture, sentence, Data), run.Output, StringComparison.Ordinal);
        Assert.Single(run.Output.Split('\n', StringSplitOptions.RemoveEmptyEntries));
        Assert.Equal(exitCode, run.ExitCode);
    }

    private Task<ProgramResult> RunAsync(string[] command) => new ExternalProgram(_folder.FullPath).RunAsync("sh", ["-c", "exec \"$@\"", "sh", .. command], "");
}
