using System.Globalization;
using FullStack.Imap.Access;
using FullStack.Imap.Grammar;
using FullStack.Imap.Responses;
using FullStack.Imap.Resync;
using FullStack.Imap.Server;
using FullStack.Store;
using FullStack.Store.Acl;
using FullStack.Store.Feed;
using FullStack.Store.Mailboxes;

namespace FullStack.Imap.Commands;

/// <summary>What SELECT and EXAMINE have in common: all but the right to write.</summary>
internal static class MailboxOpening
{
    /// <summary>SP mailbox [SP "(" select-param *(SP select-param) ")"] (RFC 4466 §2.4)</summary>
    public static bool TryReadArguments(ref ImapReader reader, out MailboxArgument mailbox, out OpeningParameters parameters)
    {
        mailbox = default;
        parameters = default;
        if (!reader.TryReadSpace() || !reader.TryReadMailbox(out mailbox))
            return false;
        if (reader.TryReadEnd())
            return true;
        if (!reader.TryReadWord(" ("u8))
            return false;
        do
        {
            if (!TryReadParameter(ref reader, ref parameters))
                return false;
        }
        while (reader.TryReadSpace());

        return reader.TryReadOctet((byte)')') && reader.TryReadEnd();
    }

    public static async ValueTask<ImapCompletion> OpenAsync(
        ImapSession session, MailboxArgument mailbox, OpeningParameters parameters, bool readOnly, CancellationToken ct)
    {
        if (parameters.Resync is not null && !session.IsQResyncEnabled)
            return ImapCompletion.Bad("ENABLE QRESYNC first"); // RFC 7162 §3.2.5: MUST
        if (session.IsUidOnly && parameters.Resync is { MatchNumbers.IsEmpty: false })
            return ImapCompletion.UidRequired;
        if (session.Selection is not null)
            session.UntaggedOk("CLOSED", "The mailbox before is closed"); // RFC 7162 §3.2.11: MUST
        session.Deselect(); // RFC 3501 §6.3.1: also where the new selection fails
        if (parameters.CondStore)
            session.EnableCondStore();
        if (mailbox.Name is not { } name)
            return ImapCompletion.No(StoreError.BadName);
        Result<MailboxPlace> found = await session.Access.FindAsync(name, AclRights.Read, ct);
        if (!found.Ok)
            return ImapCompletion.No(found.Error);
        MailboxPlace place = found.Value;
        Result<MailboxView> opened = await place.Account.OpenAsync(place.Name, readOnly || !place.IsWritable, ct);
        if (!opened.Ok)
        {
            place.Dispose();
            return ImapCompletion.No(opened.Error);
        }

        MailboxView view = opened.Value;
        view.User = session.Account.Name;
        view.WatchesAnnotations = parameters.Annotate;
        session.Select(view, place);
        Describe(session, view);
        if (session.IsRev2Enabled || mailbox.OldName is not null)
            await NameAnnouncement.SendAsync(session, mailbox, place, ct);
        if (parameters.Resync is { } resync && resync.UidValidity == view.UidValidity && await ResyncAsync(session, resync, ct) is var error and not StoreError.None)
        {
            session.Deselect();
            return ImapCompletion.No(error);
        }

        return view.ReadOnly
            ? ImapCompletion.Ok("Mailbox opened for reading", "READ-ONLY")
            : ImapCompletion.Ok("Mailbox opened", "READ-WRITE");
    }

    /// <summary>select-param = "CONDSTORE" (RFC 7162 §3.1.8) / "ANNOTATE" (RFC 5257 §4.2) / "QRESYNC" SP "(" … ")" (RFC 7162 §3.2.5)</summary>
    private static bool TryReadParameter(ref ImapReader reader, ref OpeningParameters parameters)
    {
        if (reader.TryReadWord("CONDSTORE"u8))
        {
            parameters = parameters with { CondStore = true };
            return true;
        }

        if (reader.TryReadWord("ANNOTATE"u8))
        {
            parameters = parameters with { Annotate = true };
            return true;
        }

        if (parameters.Resync is not null || !QResyncParameter.TryRead(ref reader, out QResyncParameter? resync))
            return false;
        parameters = parameters with { Resync = resync };
        return true;
    }

    /// <summary>Tells what happened to the messages that the client knew: those gone, then those changed.</summary>
    private static async ValueTask<StoreError> ResyncAsync(ImapSession session, QResyncParameter resync, CancellationToken ct)
    {
        MailboxView view = session.View;
        NumberRanges known = resync.Known ?? NumberRanges.All;
        uint matched = SequenceMatch.HighestMatch(view, resync.MatchNumbers, resync.MatchUids);
        StoreError error = await VanishedEarlier.SendAsync(session, known, resync.Since, matched, ct);
        if (error != StoreError.None)
            return error;
        foreach (int number in session.Mailbox.NumbersOf(new(known)))
        {
            if (view.Entry(number) is { } entry && entry.ModSeq > resync.Since)
            {
                MailboxUpdates.SendFlags(session, number, entry, withUid: true);
                await session.Connection.FlushIfLargeAsync(ct);
            }
        }

        return StoreError.None;
    }

    private static void Describe(ImapSession session, MailboxView view)
    {
        ImapResponseWriter writer = session.Writer;
        MailboxUpdates.SendFlagsInUse(writer, session.Mailbox);
        MailboxUpdates.Numbered(writer, view.Count, "EXISTS"u8);
        if (!session.IsRev2Enabled)
            DescribeNew(session, view);
        session.UntaggedOk(Code("UIDVALIDITY", view.UidValidity.Value), "UIDs are valid under it");
        session.UntaggedOk(ResponseCodes.MailboxId(view.ObjectId), "Its id");
        session.UntaggedOk(ResponseCodes.UrlMechanisms, "Mechanisms for URLs");
        session.UntaggedOk(Code("UIDNEXT", view.UidNext.Value), "Next UID");
        session.UntaggedOk(Code("HIGHESTMODSEQ", view.ToldModSeq.Value), "Highest");
        session.UntaggedOk(view.ReadOnly ? "ANNOTATIONS READ-ONLY" : Code("ANNOTATIONS", (uint)session.Account.AnnotationLimits.ValueOctets), "Annotations");
    }

    /// <summary>What IMAP4rev2 leaves to STATUS and SEARCH (RFC 9051 Appendix E 11 and 12).</summary>
    private static void DescribeNew(ImapSession session, MailboxView view)
    {
        MailboxUpdates.Numbered(session.Writer, view.RecentCount, "RECENT"u8);
        if (!session.IsUidOnly && FirstUnseen(view) is var unseen and > 0)
            session.UntaggedOk(Code("UNSEEN", (uint)unseen), "First unseen");
    }

    private static string Code(string name, ulong number) => string.Create(CultureInfo.InvariantCulture, $"{name} {number}");

    private static int FirstUnseen(MailboxView view)
    {
        for (int number = 1; number <= view.Count; number++)
        {
            if (view.Entry(number) is { } entry && (entry.Flags & SystemFlags.Seen) == 0)
                return number;
        }

        return 0;
    }
}
