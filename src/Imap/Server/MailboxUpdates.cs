using System.Globalization;
using System.Text;
using FullStack.Imap.Contexts;
using FullStack.Imap.Fetch;
using FullStack.Imap.Notify;
using FullStack.Imap.Responses;
using FullStack.Imap.Resync;
using FullStack.Store;
using FullStack.Store.Feed;
using FullStack.Store.Mailboxes;

namespace FullStack.Imap.Server;

/// <summary>Writes the untagged responses that keep a client's picture of its mailbox true (RFC 3501 §5.2, §7.3, §7.4).</summary>
internal static class MailboxUpdates
{
    public static async ValueTask SendAsync(ImapSession session, ImapSelection selection, bool allowExpunges, bool withUids, CancellationToken ct)
    {
        await TellAllAsync(session, selection, allowExpunges, withUids, ct);

        // A client that resynchronised from the highest MODSEQ it was sent would miss the expunges that are kept back (RFC 7162 §3.2, §6).
        if (session.IsQResyncEnabled && selection.View.Withheld.Count > 0)
            session.UntaggedOk("HIGHESTMODSEQ " + selection.View.ToldModSeq.Value.ToString(CultureInfo.InvariantCulture), "Expunged messages are still to be told");
    }

    private static async ValueTask TellAllAsync(ImapSession session, ImapSelection selection, bool allowExpunges, bool withUids, CancellationToken ct)
    {
        MailboxView view = selection.View;
        SelectedNotify? notify = session.Notify?.Selected;
        bool isNotified = session.Notify is not null;
        int known = view.Count;
        IReadOnlyList<ViewUpdate> updates = view.Synchronize(allowExpunges);
        if (updates.Count == 0 && selection.Contexts.IsEmpty)
            return;
        ContextUpdates contexts = new(session, selection);
        IReadOnlyDictionary<uint, uint> gone = Gone(view, updates);
        await contexts.SendGoneAsync(gone, ct);
        Tell(session, selection, updates, withUids || isNotified, isNotified ? notify?.Events ?? NotifyEvents.None : NotifyEvents.OfMessages);
        int firstNew = known - (gone.Count - view.Withheld.Count) + 1;
        List<int> fresh = [.. Enumerable.Range(firstNew, view.Count - firstNew + 1).Where(number => !selection.Own.Take(view.UidOf(number)))];
        NewMessageFetch fetch = new();
        IReadOnlyList<ContextUpdates.Change> changes = await contexts.FindAsync(ct);
        foreach (ContextUpdates.Change change in changes.Where(static change => change.Context.NewMessageItems is not null))
            fetch.Add(change.Came.Intersect(fresh), change.Context.NewMessageItems!);
        if (notify?.NewMessageItems is { } items)
            fetch.Add(fresh, items);
        else
            await fetch.SendAsync(session, ct); // RFC 5465 §7: what UPDATE asks for comes before the ESEARCH
        foreach (ContextUpdates.Change change in changes)
            await contexts.SendAsync(change, ct);
        await fetch.SendAsync(session, ct); // RFC 5465 §5.2: what NOTIFY asks for, together with that, comes after it
    }

    /// <summary>The messages that are gone, by UID, with the numbers that the client knows them by.</summary>
    private static Dictionary<uint, uint> Gone(MailboxView view, IReadOnlyList<ViewUpdate> updates)
    {
        Dictionary<uint, uint> gone = [];
        foreach (ViewUpdate.Expunged expunged in updates.OfType<ViewUpdate.Expunged>())
            gone.Add(expunged.Uid.Value, (uint)(expunged.Number + gone.Count));
        foreach ((int number, Uid uid) in view.Withheld)
            gone.Add(uid.Value, (uint)number);
        return gone;
    }

    private static void Tell(ImapSession session, ImapSelection selection, IReadOnlyList<ViewUpdate> updates, bool withUids, NotifyEvents events)
    {
        if (updates.Count == 0)
            return;
        if (session.TellsVanished)
            SendVanished(session.Writer, updates);
        SendNewKeywords(session.Writer, selection);
        foreach (ViewUpdate update in updates)
        {
            switch (update)
            {
                case ViewUpdate.Expunged when session.TellsVanished:
                    break;
                case ViewUpdate.Expunged expunged:
                    Numbered(session.Writer, expunged.Number, "EXPUNGE"u8);
                    break;
                case ViewUpdate.Grown grown:
                    Numbered(session.Writer, grown.Count, "EXISTS"u8);
                    if (!session.IsRev2Enabled)
                        Numbered(session.Writer, grown.Recent, "RECENT"u8);
                    break;
                case ViewUpdate.FlagsChanged changed:
                    IReadOnlyList<string> annotations = (events & NotifyEvents.AnnotationChange) != 0 ? changed.Annotations : [];
                    bool tellsFlags = (events & NotifyEvents.FlagChange) != 0;
                    if (tellsFlags || annotations.Count > 0)
                        SendFlags(session, changed.Number, changed.Entry, withUids, tellsFlags, annotations);
                    break;
            }
        }
    }

    /// <summary>All expunges in one response (RFC 7162 §3.2.10); none is of a message that the client was not told of before.</summary>
    private static void SendVanished(ImapResponseWriter writer, IReadOnlyList<ViewUpdate> updates)
    {
        NumberRanges gone = NumberRanges.From(updates.OfType<ViewUpdate.Expunged>().Select(static expunged => expunged.Uid.Value));
        if (!gone.IsEmpty)
            VanishedEarlier.Write(writer, "* VANISHED "u8, gone);
    }

    /// <summary><c>* number FETCH (</c>, or <c>* uid UIDFETCH (</c> for a client without message numbers (RFC 9586 §3.3).</summary>
    public static void BeginFetch(ImapSession session, int number, Uid uid)
    {
        session.Writer.Write("* "u8);
        session.Writer.Number(session.IsUidOnly ? uid.Value : (uint)number);
        session.Writer.Write(session.IsUidOnly ? " UIDFETCH ("u8 : " FETCH ("u8);
    }

    /// <summary>
    /// One FETCH response with a message's flags; its UID where asked, the client knows CONDSTORE, or it enabled IMAP4rev2, which wants it in
    /// each update (RFC 9051 Appendix E 21); and its MODSEQ for CONDSTORE.
    /// </summary>
    /// <param name="session">Whose client is told.</param>
    /// <param name="number">The message's number.</param>
    /// <param name="entry">What the mailbox has of it.</param>
    /// <param name="withUid">Whether its UID is told in any case.</param>
    /// <param name="withFlags">Whether its flags are told.</param>
    /// <param name="annotations">The entries of annotations that others changed (RFC 5257 §4.4).</param>
    public static void SendFlags(
        ImapSession session, int number, MessageEntry entry, bool withUid, bool withFlags = true, IReadOnlyList<string>? annotations = null)
    {
        withUid |= session.IsCondStoreEnabled || session.IsRev2Enabled;
        ImapResponseWriter writer = session.Writer;
        BeginFetch(session, number, entry.Uid);
        withUid &= !session.IsUidOnly;
        if (withUid)
        {
            writer.Write("UID "u8);
            writer.Number(entry.Uid.Value);
        }

        if (session.IsCondStoreEnabled)
        {
            writer.Write(withUid ? " MODSEQ ("u8 : "MODSEQ ("u8);
            writer.Number(entry.ModSeq.Value);
            writer.Write((byte)')');
        }

        if (withFlags)
        {
            if (withUid || session.IsCondStoreEnabled)
                writer.Space();
            writer.Write("FLAGS "u8);
            writer.FlagList(entry.Flags, entry.Keywords, session.ShowsRecent(number));
        }

        for (int i = 0; i < annotations?.Count; i++)
        {
            writer.Write(i == 0 ? " ANNOTATION ("u8 : " "u8);
            writer.AString(Encoding.ASCII.GetBytes(annotations[i]));
            if (i == annotations.Count - 1)
                writer.Write((byte)')');
        }

        writer.Write((byte)')');
        writer.EndLine();
    }

    /// <summary>The FLAGS response and PERMANENTFLAGS: all flags the mailbox has, and which of them the client may change for good.</summary>
    public static void SendFlagsInUse(ImapResponseWriter writer, ImapSelection selection)
    {
        MailboxView view = selection.View;
        IReadOnlyList<string> keywords = view.Keywords;
        selection.KeywordsTold = keywords.Count;
        SystemFlags all = MessageFlags.MaskOf(FlagKinds.All);
        FlagKinds permitted = selection.ChangeableFlags;
        writer.Write("* FLAGS "u8);
        writer.FlagList(all, keywords, recent: false);
        writer.EndLine();
        writer.Write("* OK [PERMANENTFLAGS "u8);
        writer.FlagList(MessageFlags.MaskOf(permitted), permitted.HasFlag(FlagKinds.Others) ? [.. keywords, @"\*"] : [], recent: false);
        writer.Write("] "u8);
        writer.Text(permitted == FlagKinds.None ? "No flag can be changed" : "Flags permitted");
        writer.EndLine();
    }

    public static void Numbered(ImapResponseWriter writer, int number, ReadOnlySpan<byte> what)
    {
        writer.Write("* "u8);
        writer.Number((uint)number);
        writer.Space();
        writer.Write(what);
        writer.EndLine();
    }

    /// <summary>A keyword that is new to the mailbox is announced before a message has it (RFC 3501 §7.2.6: the update client MUST record).</summary>
    public static void SendNewKeywords(ImapResponseWriter writer, ImapSelection selection)
    {
        if (selection.View.Keywords.Count != selection.KeywordsTold)
            SendFlagsInUse(writer, selection);
    }
}
