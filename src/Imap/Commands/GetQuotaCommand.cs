using System.Diagnostics.CodeAnalysis;
using FullStack.Imap.Grammar;
using FullStack.Imap.Server;
using FullStack.Store;
using FullStack.Store.Quota;

namespace FullStack.Imap.Commands;

/// <summary>GETQUOTA: what a quota root keeps, of how much.</summary>
/// <remarks>RFC 9208 §4.1.1.</remarks>
internal sealed record GetQuotaCommand(bool IsOurRoot) : IImapCommand<GetQuotaCommand>
{
    public static ImapVerb Verb { get; } = new("GETQUOTA", ImapStates.LoggedIn);

    /// <summary>SP quota-root-name</summary>
    public static bool TryParse(ref ImapReader reader, [NotNullWhen(true)] out GetQuotaCommand? command)
    {
        command = reader.TryReadSpace() && reader.TryReadAString(out ReadOnlySpan<byte> root) && reader.TryReadEnd()
            ? new(root.SequenceEqual(QuotaResponses.Root)) : null;
        return command is not null;
    }

    public async ValueTask<ImapCompletion> ExecuteAsync(ImapSession session, CancellationToken ct)
    {
        Result<AccountQuota> quota = await session.Account.QuotaAsync(ct);
        if (!quota.Ok)
            return ImapCompletion.No(quota.Error);
        if (!IsOurRoot || quota.Value.Limits.IsUnlimited)
            return ImapCompletion.No("There is no such quota root", "NONEXISTENT");
        QuotaResponses.Send(session, quota.Value);
        return ImapCompletion.Ok("GETQUOTA completed");
    }
}
