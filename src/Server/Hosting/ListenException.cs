using System.Net.Sockets;

namespace FullStack.Server.Hosting;

/// <summary>An address that cannot be listened at.</summary>
public sealed class ListenException(string message, SocketError error, Exception? inner = null) : Exception(message, inner)
{
    /// <summary>Why, as the system said it.</summary>
    public SocketError Error { get; } = error;

    /// <summary>It is one of the listeners for HTTP.</summary>
    public bool IsForWeb { get; init; }
}
