using System.Globalization;
using FullStack.Imap.Grammar;
using FullStack.Imap.Responses;
using FullStack.Imap.Server;
using FullStack.Store;
using FullStack.Store.Feed;
using FullStack.Store.Mailboxes;

namespace FullStack.Imap.Commands;

/// <summary>What SELECT and EXAMINE have in common: all but the right to write.</summary>
internal static class MailboxOpening
{
    /// <summary>SP mailbox [SP "(" select-param *(SP select-param) ")"]; select-param = "CONDSTORE" (RFC 4466 §2.4, RFC 7162 §3.1.8)</summary>
    public static bool TryReadArguments(ref ImapReader reader, out MailboxArgument mailbox, out bool condStore)
    {
        mailbox = default;
        condStore = false;
        if (!reader.TryReadSpace() || !reader.TryReadMailbox(out mailbox))
            return false;
        if (reader.TryReadEnd())
            return true;
        condStore = reader.TryReadWord(" (CONDSTORE)"u8);
        return condStore && reader.TryReadEnd();
    }

    public static async ValueTask<ImapCompletion> OpenAsync(
        ImapSession session, MailboxArgument mailbox, bool condStore, bool readOnly, CancellationToken ct)
    {
        session.Deselect(); // RFC 3501 §6.3.1: also where the new selection fails
        if (condStore)
            session.EnableCondStore();
        if (mailbox.Name is not { } name)
            return ImapCompletion.No(StoreError.BadName);
        Result<MailboxView> opened = await session.Account.OpenAsync(name, readOnly, ct);
        if (!opened.Ok)
            return ImapCompletion.No(opened.Error);

        MailboxView view = opened.Value;
        session.Select(view);
        Describe(session, view);
        return view.ReadOnly
            ? ImapCompletion.Ok("Mailbox opened for reading", "READ-ONLY")
            : ImapCompletion.Ok("Mailbox opened", "READ-WRITE");
    }

    private static void Describe(ImapSession session, MailboxView view)
    {
        ImapResponseWriter writer = session.Writer;
        MailboxUpdates.SendFlagsInUse(writer, session.Mailbox);
        MailboxUpdates.Numbered(writer, view.Count, "EXISTS"u8);
        MailboxUpdates.Numbered(writer, view.RecentCount, "RECENT"u8);
        if (FirstUnseen(view) is var unseen and > 0)
            session.UntaggedOk(Code("UNSEEN", (uint)unseen), "First unseen");
        session.UntaggedOk(Code("UIDVALIDITY", view.UidValidity.Value), "UIDs are valid under it");
        session.UntaggedOk(Code("UIDNEXT", view.UidNext.Value), "Next UID");
        session.UntaggedOk(Code("HIGHESTMODSEQ", view.HighestModSeq.Value), "Highest");
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
