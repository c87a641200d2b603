namespace FullStack.Store.Mailboxes;

/// <summary>Sums over the messages of a mailbox.</summary>
/// <param name="Unseen">How many are not \Seen.</param>
/// <param name="Deleted">How many are \Deleted.</param>
/// <param name="WireOctets">Their lengths on the wire, as far as they are known.</param>
/// <param name="Uncounted">Of how many the length on the wire is not known.</param>
internal readonly record struct MessageTotals(int Unseen, int Deleted, long WireOctets, int Uncounted)
{
    public MessageTotals Plus(MessageEntry entry) => Plus(entry.Flags, entry.WireOctets);

    public MessageTotals Plus(SystemFlags flags, long wireOctets) => Plus(Of(flags, wireOctets));

    public MessageTotals Plus(MessageTotals other)
        => new(Unseen + other.Unseen, Deleted + other.Deleted, WireOctets + other.WireOctets, Uncounted + other.Uncounted);

    public MessageTotals Minus(MessageTotals other)
        => new(Unseen - other.Unseen, Deleted - other.Deleted, WireOctets - other.WireOctets, Uncounted - other.Uncounted);

    /// <summary>What one message adds.</summary>
    public static MessageTotals Of(SystemFlags flags, long wireOctets)
        => new((flags & SystemFlags.Seen) == 0 ? 1 : 0, (flags & SystemFlags.Deleted) == 0 ? 0 : 1, Math.Max(wireOctets, 0), wireOctets < 0 ? 1 : 0);
}
