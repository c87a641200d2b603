using System.Diagnostics.CodeAnalysis;
using System.Text;
using FullStack.Imap.Grammar;
using FullStack.Imap.Server;
using FullStack.Store;
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
        Result<AccountQuota> quota = await session.Account.QuotaAsync(ct);
        if (!quota.Ok)
            return ImapCompletion.No(quota.Error);
        bool hasRoot = !quota.Value.Limits.IsUnlimited;
        session.Writer.Write("* QUOTAROOT "u8);
        session.Writer.AString(Encoding.ASCII.GetBytes(ModifiedUtf7.Encode(name.Text)));
        if (hasRoot)
        {
            session.Writer.Space();
            session.Writer.AString(QuotaResponses.Root);
        }

        session.Writer.EndLine();
        if (hasRoot)
            QuotaResponses.Send(session, quota.Value);
        return ImapCompletion.Ok("GETQUOTAROOT completed");
    }
}
