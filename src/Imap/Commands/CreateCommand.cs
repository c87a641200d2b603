using System.Diagnostics.CodeAnalysis;
using System.Text;
using FullStack.Imap.Access;
using FullStack.Imap.Grammar;
using FullStack.Imap.Server;
using FullStack.Store;
using FullStack.Store.Accounts;
using FullStack.Store.Feed;
using FullStack.Store.Mailboxes;

namespace FullStack.Imap.Commands;

/// <summary>CREATE: makes a mailbox, perhaps with a special use.</summary>
/// <remarks>RFC 3501 §6.3.3; USE RFC 6154 §3; MAILBOXID RFC 8474 §4.1.</remarks>
internal sealed record CreateCommand(MailboxArgument Mailbox, IReadOnlyList<string> Uses) : IImapCommand<CreateCommand>
{
    public static ImapVerb Verb { get; } = new("CREATE", ImapStates.LoggedIn);

    public static bool TryParse(ref ImapReader reader, [NotNullWhen(true)] out CreateCommand? command)
    {
        List<string> uses = [];
        command = reader.TryReadSpace() && reader.TryReadNewMailbox(out MailboxArgument mailbox)
            && (reader.TryReadEnd() || (reader.TryReadSpace() && TryReadUse(ref reader, uses) && reader.TryReadEnd())) ? new(mailbox, uses) : null;
        return command is not null;
    }

    public async ValueTask<ImapCompletion> ExecuteAsync(ImapSession session, CancellationToken ct)
    {
        if (Mailbox.Name is not { } name)
            return ImapCompletion.No(StoreError.BadName);
        SpecialUse use = SpecialUse.None;
        if (Uses.Count > 1 || (Uses.Count == 1 && !SpecialUseNames.TryParse(Uses[0], out use)))
            return ImapCompletion.No("A mailbox can have one special use: Archive, Drafts, Junk, Sent or Trash", "USEATTR");
        Result<MailboxPlace> found = await session.Access.FindForNewAsync(name, ct);
        if (!found.Ok)
            return ImapCompletion.No(found.Error);
        using MailboxPlace place = found.Value;
        if (place.IsForeign && use != SpecialUse.None)
            return ImapCompletion.No("A special use is for one's own mailboxes", "USEATTR");
        Result<string> created = await place.Account.CreateAsync(place.Name, use, ct);
        if (!created.Ok)
            return ImapCompletion.No(created.Error);
        session.Notices.Forget(place, new AccountEvent.Created(place.Name));

        // "When a new mailbox is created, it SHOULD inherit the ACL from the parent mailbox" (RFC 4314 §4), as those below the top do by themselves.
        if (place.IsForeign && place.Name.Parent is null && await place.Account.Access.CopyAsync(MailboxName.Inbox, place.Name, ct) is { Ok: false } failed)
            return ImapCompletion.No(failed.Error);
        await NameAnnouncement.SendIfChangedAsync(session, Mailbox, place, ct);
        return ImapCompletion.Ok("CREATE completed", ResponseCodes.MailboxId(created.Value));
    }

    /// <summary>"(" "USE" SP "(" [use-attr *(SP use-attr)] ")" ")"; use-attr = "\" atom</summary>
    private static bool TryReadUse(ref ImapReader reader, List<string> uses)
    {
        if (!reader.TryReadWord("(USE ("u8))
            return false;
        while (uses.Count == 0 || reader.TryReadSpace())
        {
            if (!reader.TryReadOctet((byte)'\\') || !reader.TryReadAtom(out ReadOnlySpan<byte> attribute))
                break;
            uses.Add(Encoding.ASCII.GetString(attribute));
        }

        return reader.TryReadWord("))"u8);
    }
}
