namespace FullStack.Store.Mailboxes;

/// <summary>A place in a range of a message, both ways of counting.</summary>
/// <param name="StoredOffset">In the message, as stored.</param>
/// <param name="WireOffset">In the range, on the wire: where <see cref="WireStream"/> began is 0.</param>
public readonly record struct WirePlace(long StoredOffset, long WireOffset);
