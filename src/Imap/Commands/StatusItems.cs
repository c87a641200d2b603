using System.Diagnostics.CodeAnalysis;
using System.Text;
using FullStack.Imap.Grammar;
using FullStack.Imap.Server;
using FullStack.Store.Accounts;
using FullStack.Store.Mailboxes;

namespace FullStack.Imap.Commands;

/// <summary>The items that a client wants to know of mailboxes, by STATUS or with LIST.</summary>
/// <remarks>
/// RFC 3501 §6.3.10; HIGHESTMODSEQ RFC 7162 §3.1.7; SIZE RFC 8438 §3; DELETED RFC 9051 §6.3.11; DELETED-STORAGE RFC 9208 §4.1.4; APPENDLIMIT RFC 7889 §4;
/// MAILBOXID RFC 8474 §4.3.
/// </remarks>
internal sealed class StatusItems(IReadOnlyList<string> names)
{
    private const string HighestModSeq = "HIGHESTMODSEQ", AppendLimit = "APPENDLIMIT", MailboxId = "MAILBOXID";

    private static readonly string[] Known = ["MESSAGES", "RECENT", "UIDNEXT", "UIDVALIDITY", "UNSEEN", "DELETED", "DELETED-STORAGE", "SIZE", HighestModSeq, AppendLimit, MailboxId];

    /// <summary>Most items in one command: each of those there are, and some to spare for clients that repeat themselves.</summary>
    private const int MaxItems = 20;

    /// <summary>"(" status-att *(SP status-att) ")". On failure the reader stands at the item that is none.</summary>
    public static bool TryRead(ref ImapReader reader, [NotNullWhen(true)] out StatusItems? items)
    {
        items = null;
        if (!reader.TryReadOctet((byte)'('))
            return false;
        List<string> names = [];
        do
        {
            int start = reader.Position;
            string name = reader.TryReadAtom(out ReadOnlySpan<byte> atom) ? Encoding.ASCII.GetString(atom).ToUpperInvariant() : "";
            if (names.Count == MaxItems || !Known.Contains(name))
            {
                reader.Position = start;
                return false;
            }

            names.Add(name);
        }
        while (reader.TryReadSpace());
        items = reader.TryReadOctet((byte)')') ? new(names) : null;
        return items is not null;
    }

    /// <summary>Takes note of what asking means for the session: HIGHESTMODSEQ is a CONDSTORE enabling request (RFC 7162 §3.1).</summary>
    public void Announce(ImapSession session)
    {
        if (names.Contains(HighestModSeq))
            session.EnableCondStore();
    }

    /// <summary>Writes <c>* STATUS name (item value …)</c>.</summary>
    public void Send(ImapSession session, MailboxName mailbox, MailboxStatus status)
    {
        session.Writer.Write("* STATUS "u8);
        session.Writer.Mailbox(mailbox);
        session.Writer.Write(" ("u8);
        for (int i = 0; i < names.Count; i++)
        {
            if (i > 0)
                session.Writer.Space();
            if (names[i] == MailboxId)
            {
                session.Writer.Atom(ResponseCodes.MailboxId(status.ObjectId));
                continue;
            }

            session.Writer.Atom(names[i]);
            session.Writer.Space();
            session.Writer.Number(ValueOf(session, names[i], status));
        }

        session.Writer.Write(")\r\n"u8);
    }

    private static ulong ValueOf(ImapSession session, string item, MailboxStatus status) => item switch
    {
        "MESSAGES" => (ulong)status.Messages,
        "RECENT" => (ulong)status.Recent,
        "UIDNEXT" => status.UidNext.Value,
        "UIDVALIDITY" => status.UidValidity.Value,
        "UNSEEN" => (ulong)status.Unseen,
        "DELETED" => (ulong)status.Deleted,
        "DELETED-STORAGE" => (ulong)status.DeletedOctets,
        "SIZE" => (ulong)status.SizeOctets,
        AppendLimit => (ulong)session.Environment.Options.MaxAppendOctets,
        _ => status.HighestModSeq.Value,
    };
}
