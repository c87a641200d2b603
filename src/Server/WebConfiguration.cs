namespace FullStack.Server;

/// <summary>Where mail programs ask for their settings.</summary>
/// <param name="Address">Host part and port.</param>
/// <param name="Tls">HTTPS.</param>
public sealed record WebListener(Configuration.ListenAddress Address, bool Tls = false);

/// <summary>What is served by HTTP: settings for mail programs.</summary>
public sealed class WebConfiguration
{
    /// <summary>Where to listen; nowhere by default.</summary>
    public IReadOnlyList<WebListener> Listeners { get; init; } = [];

    /// <summary>Whether Apple's profiles are signed with the server's key.</summary>
    public bool SignProfiles { get; init; }
}
