namespace FullStack.Store.Mailboxes;

/// <summary>How long a message is on the wire.</summary>
/// <param name="Octets">With each line end as CRLF; -1 where nobody knows yet.</param>
/// <param name="IsSentAsIs">Whether it is known that POP3 sends just that: its last line has an end, and its headers are ASCII.</param>
internal readonly record struct WireLength(long Octets, bool IsSentAsIs)
{
    public static WireLength Unknown { get; } = new(-1, IsSentAsIs: false);
}
