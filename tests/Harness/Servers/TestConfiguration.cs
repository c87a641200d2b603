using FullStack.Server;

namespace FullStack.Harness.Servers;

/// <summary>The configuration of a test server: all listeners on loopback with ports that the system chooses.</summary>
internal static class TestConfiguration
{
    public static ServerConfiguration For(TestServerOptions options, string data)
    {
        _ = options;
        return new() { HostName = "mail.example.test", Data = data };
    }
}
