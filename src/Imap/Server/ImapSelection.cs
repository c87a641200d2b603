using System.Diagnostics.CodeAnalysis;
using FullStack.Imap.Access;
using FullStack.Imap.Contexts;
using FullStack.Imap.Fetch;
using FullStack.Imap.Grammar;
using FullStack.Store;
using FullStack.Store.Acl;
using FullStack.Store.Feed;
using FullStack.Store.Mailboxes;

namespace FullStack.Imap.Server;

/// <summary>The selected mailbox of a session, from SELECT to CLOSE; a new SELECT makes a new one.</summary>
/// <param name="view">The view of it.</param>
/// <param name="place">Whose it is, and what the user may do with it.</param>
internal sealed class ImapSelection(MailboxView view, MailboxPlace place) : IDisposable
{
    public MailboxView View => view;

    /// <summary>Whose mailbox it is, and what the user may do with it.</summary>
    public MailboxPlace Place => place;

    /// <summary>What the user may do with it.</summary>
    public bool Has(AclRights needed) => place.Has(needed);

    /// <summary>The kinds of flags that the client may change now (RFC 4314 §5.1.1).</summary>
    public FlagKinds ChangeableFlags => view.ReadOnly ? FlagKinds.None : place.Flags;

    /// <summary>How many keywords the client was last told of in FLAGS.</summary>
    public int KeywordsTold { get; set; }

    /// <summary>Whether the client selected it with ANNOTATE, to hear of annotations that others change (RFC 5257 §4.2).</summary>
    public bool WantsAnnotations { get; } = view.WatchesAnnotations;

    /// <summary>How far sections were read that the client fetches piece by piece.</summary>
    public SectionPlaces Places { get; } = new();

    /// <summary>The same of parts fetched without their transfer encoding.</summary>
    public DecodedSections Decoded { get; } = new();

    /// <summary>Searches whose results are kept up to date.</summary>
    public SearchContexts Contexts { get; } = new();

    /// <summary>Messages that this session put here itself.</summary>
    public OwnMessages Own { get; } = new();

    /// <summary>
    /// What <c>$</c> stands for: the messages that the last SEARCH with SAVE found (RFC 5182 §2.1). Those expunged since need not be taken
    /// out, for no other message ever gets their UIDs.
    /// </summary>
    public UidSet Saved { get; set; } = UidSet.Empty;

    /// <summary>The message numbers that a set names; false where one is above the number of messages (then the command is BAD, RFC 3501 §9 seq-number).</summary>
    public bool TryResolveNumbers(SequenceSet set, [NotNullWhen(true)] out NumberRanges? numbers)
    {
        bool valid = !set.HasRanges || (view.Count > 0 && set.LargestNumber <= (uint)view.Count);
        numbers = !valid ? null : set.HasSaved ? Union(set.Resolve((uint)view.Count), SavedNumbers()) : set.Resolve((uint)view.Count);
        return valid;
    }

    /// <summary>The UIDs that a set names, up to the last one the client can know of; unknown ones are simply not there (RFC 3501 §6.4.8).</summary>
    public UidSet ResolveUids(SequenceSet set)
    {
        if (view.Count == 0)
            return UidSet.Empty;
        uint last = view.UidOf(view.Count).Value;
        NumberRanges named = set.HasSaved ? Union(set.Resolve(last), Saved.Ranges) : set.Resolve(last);
        return new(NumberRanges.From(named.Where(range => range.First <= last).Select(range => range with { Last = Math.Min(range.Last, last) })));
    }

    /// <summary>The UIDs of message numbers, all of which must be in the view.</summary>
    /// <remarks>A view numbers every message between its first and its last, so a range of numbers is a range of UIDs.</remarks>
    public UidSet UidsOf(NumberRanges numbers)
        => new(NumberRanges.From(numbers.Select(range => new NumberRange(view.UidOf((int)range.First).Value, view.UidOf((int)range.Last).Value))));

    /// <summary>The numbers of those messages of this view that have one of the UIDs, rising.</summary>
    public IEnumerable<int> NumbersOf(UidSet uids)
    {
        foreach (NumberRange range in uids.Ranges)
        {
            for (int number = view.LowerBound(new(range.First)); number <= view.Count && view.UidOf(number).Value <= range.Last; number++)
                yield return number;
        }
    }

    /// <summary>Whether all messages of these numbers, which must be in the view, are still in the mailbox.</summary>
    public bool HasAll(NumberRanges numbers)
    {
        foreach (NumberRange range in numbers)
        {
            for (uint number = range.First; number <= range.Last; number++)
            {
                if (view.Entry((int)number) is null)
                    return false;
            }
        }

        return true;
    }

    /// <summary>The saved messages that are still there: one that is "EXPUNGEd … is automatically removed from the list" (RFC 5182 §2.1).</summary>
    private NumberRanges SavedNumbers()
        => NumberRanges.From(NumbersOf(Saved).Where(number => view.Entry(number) is not null).Select(static number => (uint)number));

    private static NumberRanges Union(NumberRanges some, NumberRanges others) => NumberRanges.From(some.Concat(others));

    public void Dispose()
    {
        Decoded.Dispose();
        view.Changed = null;
        view.Dispose();
        place.Dispose();
    }
}
