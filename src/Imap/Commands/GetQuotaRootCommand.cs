using System.Diagnostics.CodeAnalysis;
using System.Text;
using FullStack.Imap.Access;
using FullStack.Imap.Grammar;
using FullStack.Imap.Server;
using FullStack.Store;
using FullStack.Store.Accounts;
using FullStack.Store.Acl;
using FullStack.Store.Quota;

namespace FullStack.Imap.Commands;

/// <summary>GETQUOTAROOT: the quota roots of a mailbox, which need not exist, and what they keep.</summary>
/// <remarks>RFC 9208 §4.1.2, responses §4.2.</remarks>
internal sealed record GetQuotaRootCommand(MailboxArgument Mailbox) : IImapCommand<GetQuotaRootCommand>
{
    public static ImapVerb Verb { get; } = new("GETQUOTAROOT", ImapStates.LoggedIn);

    /// <summary>SP mailbox</summary>
    public static bool TryParse(ref ImapReader reader, [NotNullWhen(true)] out GetQuotaRootCommand? command)
    {
        command = reader.TryReadSpace() && reader.TryReadMailbox(out MailboxArgument mailbox) && reader.TryReadEnd() ? new(mailbox) : null;
        return command is not null;
    }

    public async ValueTask<ImapCompletion> ExecuteAsync(ImapSession session, CancellationToken ct)
    {
        if (Mailbox.Name is not { } name)
            return ImapCompletion.No(StoreError.BadName);
        Result<MailboxPlace> found = await session.Access.FindAsync(name, AclRights.Read, ct); // RFC 9208 §6
        if (found.Error != StoreError.None && (found.Error != StoreError.NotFound || session.Access.Namespaces.IsForeign(name)))
            return ImapCompletion.No(found.Error);
        using MailboxPlace? place = found.Ok ? found.Value : null;
        Account account = place?.Account ?? session.Account;
        Result<AccountQuota> quota = await account.QuotaAsync(ct);
        if (!quota.Ok)
            return ImapCompletion.No(quota.Error);
        bool hasRoot = !quota.Value.IsUnlimited;
        session.Writer.Write("* QUOTAROOT "u8);
        session.Writer.Mailbox(place?.Shown ?? name);
        if (hasRoot)
        {
            session.Writer.Space();
            session.Writer.Mailbox(QuotaResponses.RootOf(session, account));
        }

        session.Writer.EndLine();
        if (hasRoot)
            QuotaResponses.Send(session, account, quota.Value);
        return ImapCompletion.Ok("GETQUOTAROOT completed");
    }
}
