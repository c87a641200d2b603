namespace FullStack.Imap.Responses;

/// <summary>
/// A response was begun and cannot be ended truthfully: octets announced by a literal are not there. The session has to close
/// the connection without another octet, for the client would take it for part of the message.
/// </summary>
internal sealed class ResponseBrokenException : Exception
{
    public ResponseBrokenException()
    {
    }

    public ResponseBrokenException(string message)
        : base(message)
    {
    }

    public ResponseBrokenException(string message, Exception? inner)
        : base(message, inner)
    {
    }
}
