using System.Runtime.InteropServices;
using FullStack.Store.Maildir;

namespace FullStack.Store.Mailboxes;

/// <summary>Puts messages that have no UID yet into the order in which they get theirs.</summary>
internal static class ArrivalOrder
{
    /// <summary>Sorts messages of a folder. Each name is read once: of another program there may be a hundred thousand.</summary>
    /// <param name="folder">The folder.</param>
    /// <param name="messages">The messages.</param>
    /// <param name="nameOf">The name of one.</param>
    public static void Sort<T>(IMailboxFolder folder, List<T> messages, Func<T, byte[]> nameOf)
    {
        Span<T> sorted = CollectionsMarshal.AsSpan(messages);
        ulong[] arrivals = new ulong[sorted.Length];
        for (int i = 0; i < sorted.Length; i++)
            arrivals[i] = folder.ArrivalOf(nameOf(sorted[i]));
        arrivals.AsSpan().Sort(sorted);
        for (int start = 0, end; start < sorted.Length; start = end)
        {
            end = start + 1;
            while (end < sorted.Length && arrivals[end] == arrivals[start])
                end++;
            if (end - start > 1)
                sorted[start..end].Sort((a, b) => MaildirFileName.Base(nameOf(a)).SequenceCompareTo(MaildirFileName.Base(nameOf(b))));
        }
    }
}
