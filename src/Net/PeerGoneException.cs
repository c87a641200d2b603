namespace FullStack.Net;

/// <summary>The peer is no longer there: it closed, reset, failed TLS, or did not answer in time. Never a fault of ours.</summary>
/// <remarks>Every transport failure becomes this type, so that an <see cref="IOException"/> in a session is always a disk's.</remarks>
public class PeerGoneException : Exception
{
    public PeerGoneException()
    {
    }

    public PeerGoneException(string message)
        : base(message)
    {
    }

    public PeerGoneException(string message, Exception? inner)
        : base(message, inner)
    {
    }
}

/// <summary>The peer sent nothing, or took nothing, for longer than the session allows.</summary>
public sealed class PeerTimeoutException : PeerGoneException
{
    public PeerTimeoutException()
    {
    }

    public PeerTimeoutException(string message)
        : base(message)
    {
    }

    public PeerTimeoutException(string message, Exception? inner)
        : base(message, inner)
    {
    }
}
