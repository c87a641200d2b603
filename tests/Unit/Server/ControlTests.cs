using System.Net.Sockets;
using System.Text;
using FullStack.Harness;
using FullStack.Harness.Clients;
using FullStack.Harness.Servers;
using FullStack.Server;
using FullStack.Server.Control;

namespace FullStack.Unit.Server;

/// <summary>Commands that speak with the running server, and those for logins.</summary>
public sealed class ControlTests
{
    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Failed_logins_are_listed_and_lifted()
    {
        await using TestMailServer server = await TestMailServer.StartAsync(ct: Ct);
        await FailAsync(server);
        string file = Path.Combine(server.Data, "fullstack.yaml");
        await File.WriteAllTextAsync(file, $"hostname: mail.example.test\ndata: {server.Data}\n", Ct);
        CommandRun list = await CommandRun.OfAsync("", "auth", "blocks", "list", "--json", "--config", file);
        Assert.Equal((0, ""), (list.ExitCode, list.Error));
        Assert.Contains("\"subject\": \"127.0.0.1\"", list.Output, StringComparison.Ordinal);
        Assert.Contains("\"subject\": \"alice@example.test\"", list.Output, StringComparison.Ordinal);
        Assert.DoesNotContain("canary", list.Output, StringComparison.Ordinal);
        Assert.Equal(0, (await CommandRun.OfAsync("", "auth", "blocks", "lift", "alice@example.test", "--config", file)).ExitCode);
        Assert.Equal(67, (await CommandRun.OfAsync("", "auth", "blocks", "lift", "alice@example.test", "--config", file)).ExitCode);
        Assert.Equal(0, (await CommandRun.OfAsync("", "auth", "blocks", "lift", "127.0.0.1", "--config", file)).ExitCode);
        Assert.Equal("[]", (await CommandRun.OfAsync("", "auth", "blocks", "list", "--json", "--config", file)).Output.Trim());
        await server.StopAsync();
        Assert.Equal(69, (await CommandRun.OfAsync("", "auth", "blocks", "list", "--config", file)).ExitCode);
    }

    [Fact]
    public async Task The_socket_is_its_owners_and_takes_nothing_endless()
    {
        await using TestMailServer server = await TestMailServer.StartAsync(ct: Ct);
        string path = Path.Combine(server.Data, ControlSocket.FileName);
        Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(path));
        Assert.Equal("{\"ok\":false,\"error\":\"there is no such command\"}\n", await SayAsync(path, "{\"command\":\"no\"}\n"));
        Assert.Equal("{\"ok\":false,\"error\":\"that is no JSON object\"}\n", await SayAsync(path, "?\n"));
        Assert.Equal("{\"ok\":false,\"error\":\"there is no such command\"}\n", await SayAsync(path, "[]\n"));
        Assert.Equal("{\"ok\":false,\"error\":\"whom?\"}\n", await SayAsync(path, "{\"command\":\"auth.blocks.lift\"}\n"));
        Assert.Equal("{\"ok\":true,\"result\":[]}\n{\"ok\":true,\"result\":false}\n", await SayAsync(path, "{\"command\":\"auth.blocks.list\"}\n{\"command\":\"auth.blocks.lift\",\"subject\":\"x\"}\n"));
        Assert.Equal("", await SayAsync(path, new string('x', ControlSocket.MaxRequestOctets)));
    }

    [Fact]
    public async Task Passwords_for_programs_are_shown_once_and_listed_by_name()
    {
        using ScratchFolder folder = new();
        string file = folder.File("fullstack.yaml");
        await File.WriteAllTextAsync(file, $"hostname: mail.example.test\ndata: {folder.File("data")}\ndomains: [example.test]\n", Ct);
        Assert.Equal(0, (await CommandRun.OfAsync("secret\n", "user", "add", "ann@example.test", "--config", file)).ExitCode);
        CommandRun made = await CommandRun.OfAsync("", "user", "app-password", "add", "ann@example.test", "my phone", "--for", "imap", "smtp", "--days", "30", "--config", file);
        Assert.Equal((0, ""), (made.ExitCode, made.Error));
        Assert.Matches("^[a-z2-9]{20}\n$", made.Output);
        Assert.Equal(73, (await CommandRun.OfAsync("", "user", "app-password", "add", "ann@example.test", "my phone", "--config", file)).ExitCode);
        CommandRun list = await CommandRun.OfAsync("", "user", "app-password", "list", "ann@example.test", "--config", file);
        Assert.StartsWith("my phone  smtp, imap  ", list.Output, StringComparison.Ordinal);
        Assert.DoesNotContain(made.Output.Trim(), list.Output, StringComparison.Ordinal);
        Assert.Equal(0, (await CommandRun.OfAsync("", "user", "app-password", "remove", "ann@example.test", "my phone", "--config", file)).ExitCode);
        Assert.Equal(67, (await CommandRun.OfAsync("", "user", "app-password", "remove", "ann@example.test", "my phone", "--config", file)).ExitCode);
        Assert.StartsWith("otpauth://totp/mail.example.test:ann%40example.test?secret=", (await CommandRun.OfAsync("", "user", "totp", "enable", "ann@example.test", "--config", file)).Output, StringComparison.Ordinal);
        Assert.Equal("codes are asked for\n", (await CommandRun.OfAsync("", "user", "totp", "show", "ann@example.test", "--config", file)).Output);
        Assert.Equal(0, (await CommandRun.OfAsync("", "user", "totp", "disable", "ann@example.test", "--config", file)).ExitCode);
        Assert.Equal("no codes are asked for\n", (await CommandRun.OfAsync("", "user", "totp", "show", "ann@example.test", "--config", file)).Output);
    }

    private static async Task FailAsync(TestMailServer server)
    {
        await using LineClient client = await LineClient.ConnectAsync(server.Listener(ListenerProtocol.Imap).EndPoint, Ct);
        await client.ReadLineAsync(Ct);
        await client.SendLineAsync("a LOGIN alice@example.test canary", Ct);
        Assert.StartsWith("a NO [AUTHENTICATIONFAILED]", await client.ReadLineAsync(Ct), StringComparison.Ordinal);
    }

    private static async Task<string> SayAsync(string path, string text)
    {
        using Socket socket = new(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        await socket.ConnectAsync(new UnixDomainSocketEndPoint(path), Ct);
        await using NetworkStream stream = new(socket);
        await stream.WriteAsync(Encoding.UTF8.GetBytes(text), Ct);
        socket.Shutdown(SocketShutdown.Send);
        using StreamReader reader = new(stream);
        try
        {
            return await reader.ReadToEndAsync(Ct);
        }
        catch (IOException)
        {
            return ""; // cut off with something unread
        }
    }
}
