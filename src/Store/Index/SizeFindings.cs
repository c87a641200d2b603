using FullStack.Store.Feed;

namespace FullStack.Store.Index;

/// <summary>What a login found out about the messages of a mailbox, from the first to one.</summary>
/// <param name="Validity">Whose UIDs these are.</param>
/// <param name="Examined">The last UID of which it is known how many octets POP3 sends.</param>
/// <param name="Differing">The messages of which that is not their length on the wire; also above <paramref name="Examined"/>.</param>
internal sealed record SizeFindings(UidValidity Validity, uint Examined, IReadOnlyDictionary<uint, SentSize> Differing)
{
    /// <summary>Both together; of other UIDs than these only the later.</summary>
    public SizeFindings With(SizeFindings later)
    {
        if (later.Validity != Validity)
            return later;
        Dictionary<uint, SentSize> all = new(Differing);
        foreach ((uint uid, SentSize size) in later.Differing)
            all[uid] = size;
        return new(Validity, Math.Max(Examined, later.Examined), all);
    }
}
