namespace FullStack.Store.Annotations;

/// <summary>
/// Which annotations were set of late, by mod-sequence, so that sessions can be told their names (RFC 5257 §4.4). A session that
/// is so far behind that the log does not reach back is told that the message changed, and no names.
/// </summary>
internal sealed class AnnotationLog
{
    /// <summary>Changes remembered.</summary>
    private const int MaxChanges = 1000;

    private const int MaxRanges = 1000;

    private readonly Lock _gate = new();
    private readonly Queue<(NumberRanges Uids, ModSeq ModSeq, string[] Keys)> _changes = new();

    /// <summary>Remembers a change, unless it is of messages so scattered that this takes much memory.</summary>
    public void Note(NumberRanges uids, ModSeq modSeq, IEnumerable<string> keys)
    {
        lock (_gate)
        {
            if (uids.Count <= MaxRanges)
                _changes.Enqueue((uids, modSeq, [.. keys]));
            if (_changes.Count > MaxChanges)
                _changes.Dequeue();
        }
    }

    /// <summary>The entries of a message that a user sees and that changed after one mod-sequence and up to another.</summary>
    /// <param name="uid">The message.</param>
    /// <param name="keys">What the user sees.</param>
    /// <param name="before">Where the session was told of the message last.</param>
    /// <param name="after">The message's mod-sequence now.</param>
    public IReadOnlyList<string> EntriesBetween(Uid uid, AnnotationKeys keys, ModSeq before, ModSeq after)
    {
        List<string> entries = [];
        lock (_gate)
        {
            foreach ((NumberRanges uids, ModSeq modSeq, string[] changed) in _changes)
            {
                if (modSeq > before && modSeq <= after && uids.Contains(uid.Value))
                    entries.AddRange(changed.Select(key => keys.Show(key, [])?.Entry).OfType<string>());
            }
        }

        return [.. entries.Distinct()];
    }
}
