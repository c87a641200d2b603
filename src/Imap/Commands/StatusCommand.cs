using System.Diagnostics.CodeAnalysis;
using System.Text;
using FullStack.Imap.Grammar;
using FullStack.Imap.Server;
using FullStack.Store;
using FullStack.Store.Accounts;

namespace FullStack.Imap.Commands;

/// <summary>STATUS: counts of a mailbox, without selecting it.</summary>
/// <remarks>RFC 3501 §6.3.10; HIGHESTMODSEQ RFC 7162 §3.1.7.</remarks>
internal sealed record StatusCommand(MailboxArgument Mailbox, IReadOnlyList<string> Items) : IImapCommand<StatusCommand>
{
    private const string HighestModSeq = "HIGHESTMODSEQ";

    /// <summary>Most items in one command: each of those there are, and some to spare for clients that repeat themselves.</summary>
    private const int MaxItems = 20;

    public static ImapVerb Verb { get; } = new("STATUS", ImapStates.LoggedIn);

    /// <summary>SP mailbox SP "(" status-att *(SP status-att) ")"</summary>
    public static bool TryParse(ref ImapReader reader, [NotNullWhen(true)] out StatusCommand? command)
    {
        command = null;
        if (!reader.TryReadSpace() || !reader.TryReadMailbox(out MailboxArgument mailbox) || !reader.TryReadWord(" ("u8))
            return false;
        List<string> items = [];
        do
        {
            int start = reader.Position;
            string item = reader.TryReadAtom(out ReadOnlySpan<byte> atom) ? Encoding.ASCII.GetString(atom).ToUpperInvariant() : "";
            if (items.Count == MaxItems || item is not ("MESSAGES" or "RECENT" or "UIDNEXT" or "UIDVALIDITY" or "UNSEEN" or HighestModSeq))
            {
                reader.Position = start;
                return false;
            }

            items.Add(item);
        }
        while (reader.TryReadSpace());
        command = reader.TryReadOctet((byte)')') && reader.TryReadEnd() ? new(mailbox, items) : null;
        return command is not null;
    }

    public async ValueTask<ImapCompletion> ExecuteAsync(ImapSession session, CancellationToken ct)
    {
        if (Mailbox.Name is not { } name)
            return ImapCompletion.No(StoreError.BadName);
        if (Items.Contains(HighestModSeq))
            session.EnableCondStore(); // RFC 7162 §3.1
        Result<MailboxStatus> status = await session.Account.StatusAsync(name, ct);
        if (!status.Ok)
            return ImapCompletion.No(status.Error);

        session.Writer.Write("* STATUS "u8);
        session.Writer.AString(Encoding.ASCII.GetBytes(ModifiedUtf7.Encode(name.Text)));
        session.Writer.Write(" ("u8);
        for (int i = 0; i < Items.Count; i++)
        {
            if (i > 0)
                session.Writer.Space();
            session.Writer.Atom(Items[i]);
            session.Writer.Space();
            session.Writer.Number(ValueOf(Items[i], status.Value));
        }

        session.Writer.Write(")\r\n"u8);
        return ImapCompletion.Ok("STATUS completed");
    }

    private static ulong ValueOf(string item, MailboxStatus status) => item switch
    {
        "MESSAGES" => (ulong)status.Messages,
        "RECENT" => (ulong)status.Recent,
        "UIDNEXT" => status.UidNext.Value,
        "UIDVALIDITY" => status.UidValidity.Value,
        "UNSEEN" => (ulong)status.Unseen,
        _ => status.HighestModSeq.Value,
    };
}
