using FullStack.Auth;
using FullStack.Server;
using FullStack.Store;

namespace FullStack.Harness.Servers;

/// <summary>The configuration of a test server: all listeners on loopback with ports that the system chooses.</summary>
internal static class TestConfiguration
{
    private const string HostName = "mail.example.test";

    public static ServerConfiguration For(TestServerOptions options, string data)
    {
        if (options.Settings.Count > 0)
            throw new NotSupportedException($"no such setting: {options.Settings.Keys.First()}");
        return new()
        {
            HostName = HostName,
            Data = data,
            Domains = [TestAccounts.Domain],
            Listeners = [.. ListenerConfiguration.StandardPorts.Select(static listener => listener with { Address = new("127.0.0.1", 0) })],
            Auth = new() { DefaultDomain = TestAccounts.Domain, FailureDelay = TimeSpan.Zero, MaxFailureDelay = TimeSpan.Zero },
            Store = new() { HostName = HostName, Root = Path.Combine(data, "mail"), Sync = options.Sync },
        };
    }
}
