using System.Diagnostics.CodeAnalysis;
using FullStack.Imap.Grammar;
using FullStack.Imap.Server;
using FullStack.Store.Accounts;

namespace FullStack.Imap.Commands;

/// <summary>XLIST: LIST as Gmail had it before there was RFC 6154, for clients of that time. INBOX has \Inbox, junk mail \Spam.</summary>
/// <remarks>No RFC; RFC 6154 §1 took its place. It takes no options: those are LIST's (RFC 5258).</remarks>
internal sealed record XListCommand(MailboxPattern Pattern) : IImapCommand<XListCommand>
{
    public static ImapVerb Verb { get; } = new("XLIST", ImapStates.LoggedIn);

    /// <summary>SP mailbox SP list-mailbox</summary>
    public static bool TryParse(ref ImapReader reader, [NotNullWhen(true)] out XListCommand? command)
    {
        command = reader.TryReadSpace() && reader.TryReadMailboxOctets(out ReadOnlySpan<byte> reference)
            && reader.TryReadSpace() && reader.TryReadListMailbox(out ReadOnlySpan<byte> pattern) && reader.TryReadEnd() ? new(new MailboxPattern(reference, pattern, reader.Utf8)) : null;
        return command is not null;
    }

    public async ValueTask<ImapCompletion> ExecuteAsync(ImapSession session, CancellationToken ct)
    {
        foreach (MailboxInfo mailbox in await session.Access.ListAsync([Pattern], onlySubscribed: false, ct))
        {
            if (!(mailbox.Exists || mailbox.HasChildren) || !Pattern.Matches(mailbox.Name))
                continue;
            List<string> attributes = MailboxListing.AttributesOf(mailbox with { SpecialUse = SpecialUse.None }, withSubscribed: false);
            if (mailbox.Name.IsInbox)
                attributes.Add("Inbox");
            else if (mailbox.SpecialUse == SpecialUse.Junk)
                attributes.Add("Spam");
            else if (SpecialUseNames.NameOf(mailbox.SpecialUse) is { } use)
                attributes.Add(use);
            MailboxListing.Send(session.Writer, "XLIST"u8, mailbox.Name, attributes);
            await session.Connection.FlushIfLargeAsync(ct);
        }

        return ImapCompletion.Ok("XLIST completed");
    }
}
