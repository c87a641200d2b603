using System.Diagnostics.CodeAnalysis;
using System.Text;
using FullStack.Imap.Grammar;
using FullStack.Imap.Server;
using FullStack.Store;
using FullStack.Store.Accounts;

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
        Result<string> created = await session.Account.CreateAsync(name, use, ct);
        return created.Ok ? ImapCompletion.Ok("CREATE completed", ResponseCodes.MailboxId(created.Value)) : ImapCompletion.No(created.Error);
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
