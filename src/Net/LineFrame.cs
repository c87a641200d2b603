namespace FullStack.Net;

/// <summary>What a read for a line ended with.</summary>
public enum FrameStatus
{
    /// <summary>A whole line; <see cref="LineFrame.Line"/> has it without its CRLF or LF.</summary>
    Line,

    /// <summary>A line over the limit came and was thrown away up to its end: the stream is in step, the answer is the protocol's syntax error.
    /// <see cref="LineFrame.Start"/> has its first <see cref="LineFrame.StartOctets"/> octets, where IMAP has the tag to answer to, and
    /// <see cref="LineFrame.Line"/> its last <see cref="LineFrame.TailOctets"/> octets, where IMAP announces literals.</summary>
    TooLong,

    /// <summary>A line that went on past <see cref="MailConnection.MaxDiscardOctets"/>: say goodbye and close.</summary>
    Endless,

    /// <summary>Nothing whole came within the time allowed: say goodbye and close.</summary>
    TimedOut,

    /// <summary>The server is stopping and no command waits: say goodbye and close.</summary>
    Draining,

    /// <summary><see cref="MailConnection.Wake"/> was called while the read was wakeable; what has come of a line so far is kept.</summary>
    Woken,

    /// <summary>The peer closed its side between lines.</summary>
    EndOfInput,
}

/// <summary>One line from the peer.</summary>
/// <param name="Status">Whether it is a line at all.</param>
/// <param name="Line">The octets without line end. They belong to the connection and are valid until its next read.</param>
/// <param name="BareLineFeed">The line ended with LF alone, not CRLF.</param>
public readonly record struct LineFrame(FrameStatus Status, ReadOnlyMemory<byte> Line = default, bool BareLineFeed = false)
{
    /// <summary>How much of the end of a line that is too long is kept, in octets.</summary>
    public const int TailOctets = 32;

    /// <summary>How much of the start of a line that is too long is kept, in octets.</summary>
    public const int StartOctets = 256;

    /// <summary>How a line that is too long started; empty for every other.</summary>
    public ReadOnlyMemory<byte> Start { get; init; }
}
