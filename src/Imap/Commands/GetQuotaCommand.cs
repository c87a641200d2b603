using System.Diagnostics.CodeAnalysis;
using FullStack.Imap.Access;
using FullStack.Imap.Grammar;
using FullStack.Imap.Server;
using FullStack.Store;
using FullStack.Store.Acl;
using FullStack.Store.Quota;

namespace FullStack.Imap.Commands;

/// <summary>GETQUOTA: what a quota root keeps, of how much.</summary>
/// <remarks>RFC 9208 §4.1.1.</remarks>
internal sealed record GetQuotaCommand(QuotaRootArgument Root) : IImapCommand<GetQuotaCommand>
{
    public static ImapVerb Verb { get; } = new("GETQUOTA", ImapStates.LoggedIn);

    /// <summary>SP quota-root-name</summary>
    public static bool TryParse(ref ImapReader reader, [NotNullWhen(true)] out GetQuotaCommand? command)
    {
        command = reader.TryReadSpace() && QuotaRootArgument.TryRead(ref reader, out QuotaRootArgument root) && reader.TryReadEnd() ? new(root) : null;
        return command is not null;
    }

    public async ValueTask<ImapCompletion> ExecuteAsync(ImapSession session, CancellationToken ct)
    {
        Result<MailboxPlace> found = await Root.FindAsync(session, AclRights.Read, ct);
        if (!found.Ok)
            return QuotaRootArgument.Refuse(found.Error);
        using MailboxPlace place = found.Value;
        Result<AccountQuota> quota = await place.Account.QuotaAsync(ct);
        if (!quota.Ok)
            return ImapCompletion.No(quota.Error);
        if (quota.Value.IsUnlimited)
            return QuotaRootArgument.Refuse(StoreError.NotFound);
        QuotaResponses.Send(session, place.Account, quota.Value);
        return ImapCompletion.Ok("GETQUOTA completed");
    }
}
