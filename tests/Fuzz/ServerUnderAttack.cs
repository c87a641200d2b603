using FullStack.Harness.Clients;
using FullStack.Harness.Servers;
using FullStack.Server;

namespace FullStack.Fuzz;

/// <summary>Tests of which each has a server of its own, that at the end has nothing to complain of.</summary>
public abstract class ServerUnderAttack : IAsyncLifetime
{
    private protected TestMailServer Server { get; private set; } = null!;

    private protected static CancellationToken Ct => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync() => Server = await TestMailServer.StartAsync(ct: Ct);

    public async ValueTask DisposeAsync()
    {
        await Server.DisposeAsync();
        Server.Log.CheckNoAlarm();
        GC.SuppressFinalize(this);
    }

    /// <summary>A client that has read the greeting.</summary>
    private protected async Task<LineClient> GreetedAsync(ListenerProtocol protocol)
    {
        LineClient client = await LineClient.ConnectAsync(Server.Listener(protocol).EndPoint, Ct);
        await new SessionOpener(client, protocol).ReadGreetingAsync(Ct);
        return client;
    }

    /// <summary>Alice by IMAP, with her INBOX selected.</summary>
    private protected async Task<LineClient> SelectedAsync()
    {
        LineClient client = await GreetedAsync(ListenerProtocol.Imap);
        await new SessionOpener(client, ListenerProtocol.Imap).LogInAsync("alice", Ct);
        await client.SendLineAsync("s SELECT inbox", Ct);
        await client.ReadLinesAsync(static line => line.StartsWith("s OK", StringComparison.Ordinal), Ct);
        return client;
    }
}
