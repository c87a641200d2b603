using FullStack.Harness;
using FullStack.Server.Cli;
using FullStack.Server.Configuration;
using FullStack.Server.Hosting;
using FullStack.Server.Quickstart;

namespace FullStack.Unit.Server;

public sealed class QuickstartTests : IDisposable
{
    private readonly ScratchFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void A_second_run_changes_nothing()
    {
        (DemoFolder first, string firstOutput) = Prepare("example.org");
        Assert.Equal("demo@example.org", first.Address);
        Assert.Contains("done  made the account demo@example.org", firstOutput, StringComparison.Ordinal);
        Dictionary<string, string> files = Files();

        (DemoFolder second, string secondOutput) = Prepare(null);
        Assert.Equal((first.Address, first.Password), (second.Address, second.Password));
        Assert.DoesNotContain("done", secondOutput, StringComparison.Ordinal);
        Assert.Contains($"its password is in {second.AccountPath}", secondOutput, StringComparison.Ordinal);
        Assert.Equal(files, Files());
    }

    [Fact]
    public void Secrets_are_for_their_owner_only()
    {
        (DemoFolder folder, _) = Prepare(null);
        Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(folder.AccountPath));
        Assert.Equal($"address: demo@example.test\npassword: {folder.Password}\n", File.ReadAllText(folder.AccountPath));
        Assert.Matches("^[a-z2-9]{4}(-[a-z2-9]{4}){3}$", folder.Password!);
    }

    [Fact]
    public void Ports_are_the_standard_ones_where_they_may_be_bound()
    {
        (DemoFolder folder, string output) = Prepare(null, static _ => true);
        Assert.Equal([25, 110, 143, 465, 587, 993, 995, 2080], PortsOf(folder).Order());
        Assert.DoesNotContain("raised", output, StringComparison.Ordinal);
    }

    [Fact]
    public void Ports_are_raised_by_2000_where_one_of_them_may_not_be_bound()
    {
        (DemoFolder folder, string output) = Prepare(null, static endPoint => endPoint.Port != 993);
        Assert.Equal([2025, 2080, 2110, 2143, 2465, 2587, 2993, 2995], PortsOf(folder).Order());
        Assert.Contains("each is raised by 2000", output, StringComparison.Ordinal);
        Assert.Equal(PortsOf(folder), PortsOf(Prepare(null, static _ => true).Folder)); // they stay when the folder is used again
    }

    [Fact]
    public void A_folder_keeps_its_domain()
    {
        Prepare("example.org");
        Assert.Equal(ExitCode.Usage, Assert.Throws<CommandFailedException>(() => Prepare("example.net")).ExitCode);
    }

    [Fact]
    public void A_run_that_stopped_before_the_account_was_made_is_completed()
    {
        (DemoFolder first, _) = Prepare(null);
        foreach (string file in Directory.GetFiles(_folder.File("demo/data"), "directory.db*"))
            File.Delete(file);
        (DemoFolder second, string output) = Prepare(null);
        Assert.Equal(first.Password, second.Password);
        Assert.Contains("done  made the account", output, StringComparison.Ordinal);
    }

    [Fact]
    public void Client_settings_name_the_ports_and_the_certificate()
    {
        (DemoFolder folder, _) = Prepare(null);
        using StringWriter output = new();
        Terminal terminal = new() { Input = TextReader.Null, Output = output, Error = TextWriter.Null, Log = Stream.Null };
        BoundListener[] listeners =
        [
            new(FullStack.Server.ListenerProtocol.Imap, FullStack.Server.ListenerTls.Implicit, new System.Net.IPEndPoint(System.Net.IPAddress.Loopback, 2993)),
            new(FullStack.Server.ListenerProtocol.Submission, FullStack.Server.ListenerTls.Implicit, new System.Net.IPEndPoint(System.Net.IPAddress.Loopback, 2465)),
        ];
        ClientSettings settings = new(folder, ConfigurationFile.Load(folder.ConfigurationPath).Configuration!, listeners, [new(false, new(System.Net.IPAddress.Loopback, 2080))]);
        settings.WriteMuttrc(new Steps(terminal));
        settings.Print(terminal);
        string muttrc = File.ReadAllText(folder.MuttrcPath);
        Assert.Contains("set folder = \"imaps://demo%40example.test@localhost:2993/\"", muttrc, StringComparison.Ordinal);
        Assert.Contains("set smtp_url = \"smtps://demo%40example.test@localhost:2465/\"", muttrc, StringComparison.Ordinal);
        Assert.Contains($"set certificate_file = \"{_folder.File("demo/data/tls/certificate.pem")}\"", muttrc, StringComparison.Ordinal);
        Assert.Contains($"set imap_pass = \"{folder.Password}\"", muttrc, StringComparison.Ordinal);
        Assert.Contains("http://localhost:2080/mail.mobileconfig?email=demo%40example.test", output.ToString(), StringComparison.Ordinal);
        Assert.Contains("Incoming: IMAP, hostname localhost, port 2993, SSL/TLS, normal password, username demo@example.test", output.ToString(), StringComparison.Ordinal);
        Assert.DoesNotContain('\u001b', output.ToString());
    }

    private static IEnumerable<int> PortsOf(DemoFolder folder)
    {
        FullStack.Server.ServerConfiguration configuration = ConfigurationFile.Load(folder.ConfigurationPath).Configuration!;
        return configuration.Listeners.Select(static listener => listener.Address).Concat(configuration.Web.Listeners.Select(static listener => listener.Address))
            .SelectMany(static address => address.EndPoints()).OfType<System.Net.IPEndPoint>().Select(static endPoint => endPoint.Port).Distinct();
    }

    private (DemoFolder Folder, string Output) Prepare(string? domain, Func<System.Net.IPEndPoint, bool>? mayBind = null)
    {
        using StringWriter output = new();
        Steps steps = new(new Terminal { Input = TextReader.Null, Output = output, Error = TextWriter.Null, Log = Stream.Null });
        DemoFolder folder = new(_folder.File("demo")) { MayBind = mayBind ?? DemoFolder.TryBind };
        ConfigurationFile file = folder.PrepareConfiguration(domain, steps);
        Assert.Empty(file.Problems);
        folder.PrepareCertificate(file.Configuration!, steps);
        folder.PrepareAccount(file.Configuration!, steps);
        return (folder, output.ToString());
    }

    private Dictionary<string, string> Files() => Directory.GetFiles(_folder.FullPath, "*", SearchOption.AllDirectories)
        .Where(static f => !Path.GetFileName(f).StartsWith("directory.db", StringComparison.Ordinal))
        .ToDictionary(static f => f, File.ReadAllText);
}
