using FullStack.Store.Mailboxes;

namespace FullStack.Store.Feed;

/// <summary>
/// The messages that no session has taken as \Recent yet. The first writable view that learns of a message takes it;
/// read-only views see it as recent and leave it (RFC 3501 §2.3.2, §6.3.2).
/// </summary>
internal sealed class RecentClaims
{
    private readonly Lock _gate = new();
    private readonly SortedSet<uint> _unclaimed = [];

    public int Count
    {
        get
        {
            lock (_gate)
                return _unclaimed.Count;
        }
    }

    public void Add(Uid uid)
    {
        lock (_gate)
            _unclaimed.Add(uid.Value);
    }

    public void Remove(Uid uid)
    {
        lock (_gate)
            _unclaimed.Remove(uid.Value);
    }

    public void Clear()
    {
        lock (_gate)
            _unclaimed.Clear();
    }

    /// <summary>Adds to <paramref name="target"/> the unclaimed messages that a view of <paramref name="list"/> sees; a writable one takes them.</summary>
    /// <returns>Whether there were any.</returns>
    public bool Claim(MessageList list, HashSet<uint> target, bool take)
    {
        if (list.Count == 0)
            return false;
        uint last = list.UidAt(list.Count - 1).Value;
        lock (_gate)
        {
            if (_unclaimed.Count == 0 || _unclaimed.Min > last)
                return false;
            foreach (uint uid in _unclaimed)
            {
                if (uid <= last)
                    target.Add(uid);
            }

            if (take)
                _unclaimed.RemoveWhere(uid => uid <= last);
            return true;
        }
    }
}
