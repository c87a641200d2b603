using System.Globalization;
using FullStack.Harness;
using FullStack.Harness.Servers;
using FullStack.Server;

namespace FullStack.Interop;

/// <summary>Mail that one server forwards to another, and what comes back of it; postsrsd with the same keys knows each sender, and is known.</summary>
public sealed class ForwardingTests : IAsyncLifetime
{
    private const string NearKey = "the near host's secret";
    private const string FarKey = "another one, of the far host";

    private readonly ScratchFolder _folder = new();
    private TestMailServer? _near;
    private TestMailServer? _far;

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    private TestMailServer Near => _near ?? throw new InvalidOperationException("not started");

    private TestMailServer Far => _far ?? throw new InvalidOperationException("not started");

    /// <summary>The near one hands all mail to the far one by a socket whose name is known before it is there, the far one all mail to the near one's port.</summary>
    public async ValueTask InitializeAsync()
    {
        File.WriteAllText(_folder.File("near.keys"), NearKey + "\n");
        File.WriteAllText(_folder.File("far.keys"), FarKey + "\n");
        _near = await TestMailServer.StartAsync(
            new()
            {
                Time = TimeProvider.System,
                Settings = new Dictionary<string, string>
                {
                    ["routes"] = $"[{{ host: {_folder.File("far")}, protocol: lmtp }}]", ["srs.key_file"] = _folder.File("near.keys"), ["srs.domain"] = "near.example",
                },
            }, Ct);
        _far = await TestMailServer.StartAsync(
            new()
            {
                Time = TimeProvider.System, LmtpSocket = _folder.File("far"),
                Settings = new Dictionary<string, string>
                {
                    ["hostname"] = "far.example.net", ["domains"] = "[example.net, elsewhere.example]", ["srs.key_file"] = _folder.File("far.keys"),
                    ["routes"] = $"[{{ host: \"[127.0.0.1]:{Near.Listener(ListenerProtocol.Smtp).EndPoint.Port}\" }}]",
                },
            }, Ct);
        Far.AddDomain("example.net", "joe");
        Far.AddDomain("elsewhere.example", "someone");
        Near.AddDomain("near.example", "ned");
        Near.AddAlias("on@near.example", "joe@example.net");
        Near.AddAlias("around@near.example", "around@example.net");
        Far.AddAlias("around@example.net", "ned@near.example");
        Near.AddAlias("lost@near.example", "lost@example.net");
        Far.AddAlias("lost@example.net", "nobody@near.example");
    }

    public async ValueTask DisposeAsync()
    {
        await Near.DisposeAsync();
        await Far.DisposeAsync();
        _folder.Dispose();
    }

    [Fact]
    public async Task A_forwarded_sender_is_the_one_that_postsrsd_makes_and_finds_back_from()
    {
        ExternalProgram.Require("postsrsd", "swaks");
        await using PrivateSrs srs = await PrivateSrs.StartAsync("near.example", NearKey, Ct);
        await SendAsync("someone@elsewhere.example", "on@near.example");
        string sender = SenderOf(await ArrivedAsync(Far, "example.net", "joe"));
        Assert.StartsWith("SRS0=", sender, StringComparison.Ordinal);
        Assert.Equal("someone@elsewhere.example", await srs.ResolveAsync(sender, Ct));

        // A notice to an address that postsrsd made comes to whom it stands for.
        string made = await srs.RewriteAsync("someone@elsewhere.example", Ct);
        await SendAsync("<>", made);
        Assert.Equal("", SenderOf(await ArrivedAsync(Far, "elsewhere.example", "someone")));
    }

    [Fact]
    public async Task What_two_servers_have_forwarded_is_known_to_postsrsd_as_well()
    {
        ExternalProgram.Require("postsrsd", "swaks");
        await using PrivateSrs near = await PrivateSrs.StartAsync("near.example", NearKey, Ct);
        await using PrivateSrs far = await PrivateSrs.StartAsync("example.net", FarKey, Ct);
        await SendAsync("someone@elsewhere2.example", "around@near.example");
        string sender = SenderOf(await ArrivedAsync(Near, "near.example", "ned"));
        Assert.StartsWith("SRS1=", sender, StringComparison.Ordinal);
        string first = await far.ResolveAsync(sender, Ct);
        Assert.Equal("someone@elsewhere2.example", await near.ResolveAsync(first, Ct));
        Assert.Equal(sender, await far.RewriteAsync(first, Ct));
    }

    [Fact]
    public async Task A_notice_finds_its_way_back_through_both_servers()
    {
        ExternalProgram.Require("swaks");
        await SendAsync("someone@elsewhere.example", "lost@near.example");
        string notice = await ArrivedAsync(Far, "elsewhere.example", "someone");
        Assert.Equal("", SenderOf(notice));
        Assert.Contains("\nFinal-Recipient: rfc822; nobody@near.example\n", notice, StringComparison.Ordinal);
        Assert.Contains("\nStatus: 5.1.1\n", notice, StringComparison.Ordinal);
        Near.Log.CheckNoAlarm();
        Far.Log.CheckNoAlarm();
    }

    private async Task SendAsync(string sender, string recipient)
    {
        string port = Near.Listener(ListenerProtocol.Smtp).EndPoint.Port.ToString(CultureInfo.InvariantCulture);
        ExternalProgram swaks = new(_folder.FullPath);
        (await swaks.RunAsync("swaks", "--server", "127.0.0.1", "--port", port, "--from", sender, "--to", recipient, "--body", "Hello.")).ShouldSucceed();
    }

    private static async Task<string> ArrivedAsync(TestMailServer server, string domain, string user)
    {
        string folder = Path.Combine(server.Data, "mail", domain, user, "Maildir", "new");
        using CancellationTokenSource limit = CancellationTokenSource.CreateLinkedTokenSource(Ct);
        limit.CancelAfter(TimeSpan.FromMinutes(2));
        while (!Directory.Exists(folder) || Directory.GetFiles(folder).Length == 0)
            await Task.Delay(50, limit.Token);
        return File.ReadAllText(Directory.GetFiles(folder).Single());
    }

    private static string SenderOf(string message)
        => message.StartsWith("Return-Path: <", StringComparison.Ordinal) ? message[14..message.IndexOf('>', StringComparison.Ordinal)] : throw new FormatException(message);
}
