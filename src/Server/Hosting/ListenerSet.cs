using System.Net;

namespace FullStack.Server.Hosting;

/// <summary>A listener with its socket.</summary>
/// <param name="Configured">What the configuration says of it.</param>
/// <param name="Asked">The address that was asked for; its port may be 0.</param>
/// <param name="Loop">The socket.</param>
internal sealed record OpenListener(ListenerConfiguration Configured, EndPoint Asked, AcceptLoop Loop)
{
    /// <summary>Whether its socket is the one that another configuration's listener needs. Where the system chose the port, it is the same listener only if it speaks the same.</summary>
    public bool Stands(ListenerConfiguration listener, EndPoint asked) => Asked.Equals(asked)
        && (asked is not IPEndPoint { Port: 0 } || (listener.Protocol, listener.Tls) == (Configured.Protocol, Configured.Tls))
        && (Configured.Address.Path is null || listener.Mode == Configured.Mode);
}

/// <summary>The listeners of one configuration.</summary>
internal sealed class ListenerSet(IReadOnlyList<OpenListener> open)
{
    private Dictionary<AcceptLoop, MailConnectionHandler> _handlers = [];

    public IReadOnlyList<OpenListener> Open { get; } = open;

    public IReadOnlyList<BoundListener> Bound { get; } = [.. open.Select(static l => new BoundListener(l.Configured.Protocol, l.Configured.Tls, l.Loop.Address))];

    public bool Has(OpenListener listener) => Open.Any(one => one.Loop == listener.Loop);

    /// <summary>Makes the handlers, before the set is anybody's.</summary>
    /// <param name="handlers">What serves the connections of each listener.</param>
    /// <param name="former">The set that this one takes the place of: what its sockets still accept while they are being closed is served as before.</param>
    public void Serve(Func<ListenerConfiguration, MailConnectionHandler> handlers, ListenerSet former)
    {
        _handlers = Open.ToDictionary(static one => one.Loop, one => handlers(one.Configured));
        foreach (OpenListener gone in former.Open)
        {
            if (former.HandlerOf(gone.Loop) is { } handler)
                _handlers.TryAdd(gone.Loop, handler);
        }
    }

    /// <summary>What serves the connections of a socket; null where it is no longer of this set.</summary>
    public MailConnectionHandler? HandlerOf(AcceptLoop loop) => _handlers.GetValueOrDefault(loop);
}
