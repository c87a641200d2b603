using FullStack.Store;
using FullStack.Store.Feed;

namespace FullStack.Imap.Resync;

/// <summary>Finds how far a client's mailbox is still the one here.</summary>
internal static class SequenceMatch
{
    /// <summary>
    /// The highest UID up to which client and server have the same messages; 0 where no pair tells. As UIDs only grow, a number that
    /// still has its UID has the same messages below it: "the client knows of any expunges up to, and including, the message"
    /// (RFC 7162 §3.2.5.2).
    /// </summary>
    public static uint HighestMatch(MailboxView view, NumberRanges numbers, NumberRanges uids)
    {
        uint matched = 0;
        int range = 0;
        uint uid = uids.IsEmpty ? 0 : uids[0].First;
        foreach (NumberRange run in numbers)
        {
            for (uint number = run.First; number <= run.Last && number <= (uint)view.Count; number++)
            {
                if (view.UidOf((int)number).Value == uid)
                    matched = uid;
                if (uid++ == uids[range].Last)
                    uid = ++range < uids.Count ? uids[range].First : 0;
            }

            if (run.Last > (uint)view.Count)
                break; // what follows is above the last message too
        }

        return matched;
    }
}
