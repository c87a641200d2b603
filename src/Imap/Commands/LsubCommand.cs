using System.Diagnostics.CodeAnalysis;
using FullStack.Imap.Grammar;
using FullStack.Imap.Server;
using FullStack.Store.Accounts;
using FullStack.Store.Mailboxes;

namespace FullStack.Imap.Commands;

/// <summary>LSUB: the names subscribed to that match a pattern.</summary>
/// <remarks>RFC 3501 §6.3.9.</remarks>
internal sealed record LsubCommand(MailboxPattern Pattern, bool EndsInPercent) : IImapCommand<LsubCommand>
{
    public static ImapVerb Verb { get; } = new("LSUB", ImapStates.LoggedIn);

    public static bool TryParse(ref ImapReader reader, [NotNullWhen(true)] out LsubCommand? command)
    {
        command = reader.TryReadSpace() && reader.TryReadMailboxOctets(out ReadOnlySpan<byte> reference)
            && reader.TryReadSpace() && reader.TryReadListMailbox(out ReadOnlySpan<byte> pattern) && reader.TryReadEnd()
            ? new(new(reference, pattern, reader.Utf8), pattern.EndsWith("%"u8)) : null;
        return command is not null;
    }

    public async ValueTask<ImapCompletion> ExecuteAsync(ImapSession session, CancellationToken ct)
    {
        HashSet<MailboxName> parents = [];
        foreach (MailboxInfo mailbox in await session.Access.ListAsync([Pattern], onlySubscribed: true, ct))
        {
            if (!mailbox.Subscribed)
                continue;
            if (Pattern.Matches(mailbox.Name))
            {
                if (parents.Add(mailbox.Name))
                    MailboxListing.Send(session.Writer, "LSUB"u8, mailbox.Name, mailbox.Exists ? [] : ["Noselect"]);
            }
            else if (EndsInPercent)
            {
                SendParents(session, mailbox.Name, parents);
            }

            await session.Connection.FlushIfLargeAsync(ct);
        }

        return ImapCompletion.Ok("LSUB completed");
    }

    /// <summary>"if foo/bar is subscribed but foo is not, a % wildcard to LSUB must return foo … flagged with the \Noselect attribute"</summary>
    /// <remarks>Names come sorted, a parent before what lies below it, so one that is subscribed has been sent already.</remarks>
    private void SendParents(ImapSession session, MailboxName name, HashSet<MailboxName> sent)
    {
        for (MailboxName? parent = name.Parent; parent is not null; parent = parent.Parent)
        {
            if (Pattern.Matches(parent) && sent.Add(parent))
                MailboxListing.Send(session.Writer, "LSUB"u8, parent, ["Noselect"]);
        }
    }
}
