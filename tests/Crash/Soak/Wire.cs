using System.Net.Sockets;
using FullStack.Harness.Clients;
using FullStack.Server;

namespace FullStack.Crash.Soak;

/// <summary>A client's connection, which may be broken off at any moment.</summary>
internal sealed class Wire(LineClient client, ListenerProtocol protocol) : IAsyncDisposable
{
    private volatile bool _wasCut;

    public LineClient Client { get; } = client;

    public SessionOpener Opener { get; } = new(client, protocol);

    /// <summary>It was broken off by the test.</summary>
    public bool WasCut => _wasCut;

    public void Cut()
    {
        _wasCut = true;
        try
        {
            Client.Reset();
        }
        catch (Exception e) when (e is ObjectDisposedException or SocketException)
        {
            // It has just been closed.
        }
    }

    public ValueTask DisposeAsync() => Client.DisposeAsync();
}

/// <summary>The connection was broken off by the test before it was open.</summary>
internal sealed class WireCutException() : Exception("the test broke it off");

/// <summary>The server refused what it refuses on a full disk only.</summary>
internal sealed class RefusedException(string message) : Exception(message);

/// <summary>A kind of client.</summary>
internal interface ISoakClient
{
    /// <summary>For the report.</summary>
    string Name { get; }

    ListenerProtocol Protocol { get; }

    /// <summary>One session, from the greeting on.</summary>
    Task WorkAsync(Wire wire, CancellationToken ct);
}
