using System.Collections.Immutable;

namespace FullStack.Conformance.Interleaving;

/// <summary>What one message of a mailbox is.</summary>
internal sealed record TrueMessage(string Subject, ImmutableSortedSet<string> Flags, ulong ModSeq);

/// <summary>A mailbox as it has to be after all that was done to it: a list, and nothing but a list.</summary>
internal sealed class MailboxTruth(string name)
{
    public string Name => name;
    public SortedDictionary<uint, TrueMessage> Messages { get; } = [];
    public uint UidValidity { get; set; }
    public uint UidNext { get; set; } = 1;

    /// <summary>The highest mod-sequence that anyone was told.</summary>
    public ulong Highest { get; set; } = 1;

    /// <summary>The subject of every message that a UID ever named.</summary>
    public Dictionary<uint, string> Named { get; } = [];

    /// <summary>UIDs of messages that the model changed and nobody has looked at since.</summary>
    public HashSet<uint> Touched { get; } = [];

    /// <summary>Something in it changed that nobody has looked at since.</summary>
    public bool IsChanged { get; set; }

    public void Add(uint uid, string subject, ImmutableSortedSet<string> flags)
    {
        ModelBreach.Unless(uid >= UidNext, $"{name}: new message {uid} is below UIDNEXT {UidNext}");
        Messages.Add(uid, new(subject, flags, 0));
        Named.Add(uid, subject);
        UidNext = uid + 1;
        Touched.Add(uid);
        IsChanged = true;
    }

    public void Remove(uint uid)
    {
        if (Messages.Remove(uid))
            IsChanged = true;
    }

    public void SetFlags(uint uid, ImmutableSortedSet<string> flags)
    {
        if (Messages[uid].Flags.SetEquals(flags))
            return;
        Messages[uid] = Messages[uid] with { Flags = flags };
        Touched.Add(uid);
        IsChanged = true;
    }

    /// <summary>Compares it with what an onlooker was told just now, and takes the mod-sequences from there.</summary>
    /// <param name="seen">Flags and mod-sequences by UID.</param>
    /// <param name="uidNext">UIDNEXT.</param>
    /// <param name="highest">HIGHESTMODSEQ.</param>
    /// <param name="isPredicted">Whether the model knows what was done; else flags and messages are taken over where the rules allow them.</param>
    public void Meet(SortedDictionary<uint, (ImmutableSortedSet<string> Flags, ulong ModSeq)> seen, uint uidNext, ulong highest, bool isPredicted)
    {
        if (isPredicted)
            ModelBreach.Unless(seen.Keys.SequenceEqual(Messages.Keys), $"{name} has {Set(seen.Keys)} and should have {Set(Messages.Keys)}");
        ulong before = Highest;
        bool anything = Messages.Keys.Any(uid => !seen.ContainsKey(uid));
        foreach ((uint uid, (ImmutableSortedSet<string> flags, ulong modSeq)) in seen)
        {
            bool isKnown = Messages.TryGetValue(uid, out TrueMessage? known);
            ModelBreach.Unless(isKnown || uid >= UidNext, $"{name}: message {uid} came up below UIDNEXT {UidNext}");
            ModelBreach.Unless(!isPredicted || known!.Flags.SetEquals(flags), $"{name}: {uid} has {Flags.Text(flags)} and should have {Flags.Text(known?.Flags ?? flags)}");
            bool isChanged = isPredicted ? Touched.Contains(uid) : !isKnown || !known!.Flags.SetEquals(flags);
            ModelBreach.Unless(!isChanged || modSeq > before, $"{name}: {uid} changed, but its mod-sequence {modSeq} is not above {before}");
            ModelBreach.Unless(isChanged || !isPredicted || modSeq == known!.ModSeq, $"{name}: {uid} did not change, but its mod-sequence did, from {known?.ModSeq} to {modSeq}");
            ModelBreach.Unless(!isKnown || modSeq >= known!.ModSeq, $"{name}: the mod-sequence of {uid} fell from {known?.ModSeq} to {modSeq}");
            ModelBreach.Unless(modSeq <= highest, $"{name}: the mod-sequence {modSeq} of {uid} is above HIGHESTMODSEQ {highest}");
            anything |= isChanged;
            Messages[uid] = new(known?.Subject ?? "", flags, modSeq);
        }

        foreach (uint uid in Messages.Keys.Where(uid => !seen.ContainsKey(uid)).ToList())
            Messages.Remove(uid);
        ModelBreach.Unless(uidNext >= UidNext && (seen.Count == 0 || uidNext > seen.Keys.Max()), $"{name}: UIDNEXT is {uidNext}");
        ModelBreach.Unless(highest >= before, $"{name}: HIGHESTMODSEQ fell from {before} to {highest}");
        ModelBreach.Unless(!(anything || IsChanged) || highest > before, $"{name}: something changed, but HIGHESTMODSEQ is still {highest}");
        (UidNext, Highest, IsChanged) = (uidNext, highest, false);
        Touched.Clear();
    }

    private static string Set(IEnumerable<uint> uids) => $"[{string.Join(' ', uids)}]";
}
