using System.Diagnostics.CodeAnalysis;
using System.Text;
using FullStack.Auth.Backends;
using FullStack.Imap.Access;
using FullStack.Imap.Grammar;
using FullStack.Imap.Server;
using FullStack.Store;
using FullStack.Store.Acl;
using FullStack.Store.Quota;

namespace FullStack.Imap.Commands;

/// <summary>SETQUOTA: sets the limits of an account, for administrators. Resources that are not named have no limit then.</summary>
/// <remarks>RFC 9208 §4.1.3.</remarks>
internal sealed record SetQuotaCommand(QuotaRootArgument Root, IReadOnlyList<QuotaResource> Resources) : IImapCommand<SetQuotaCommand>
{
    /// <summary>Most resources of one command: there are four.</summary>
    private const int MaxResources = 20;

    public static ImapVerb Verb { get; } = new("SETQUOTA", ImapStates.LoggedIn);

    /// <summary>SP quota-root-name SP "(" [setquota-resource *(SP setquota-resource)] ")"; setquota-resource = resource-name SP number64</summary>
    public static bool TryParse(ref ImapReader reader, [NotNullWhen(true)] out SetQuotaCommand? command)
    {
        command = null;
        if (!reader.TryReadSpace() || !QuotaRootArgument.TryRead(ref reader, out QuotaRootArgument root) || !reader.TryReadSpace() || !reader.TryReadOctet((byte)'('))
            return false;
        List<QuotaResource> resources = [];
        if (reader.Peek != (byte)')')
        {
            do
            {
                if (resources.Count == MaxResources || !reader.TryReadAtom(out ReadOnlySpan<byte> name) || !reader.TryReadSpace() || !reader.TryReadNumber64(out ulong limit))
                    return false;
                resources.Add(new(Encoding.ASCII.GetString(name).ToUpperInvariant(), (long)limit));
            }
            while (reader.TryReadSpace());
        }

        command = reader.TryReadOctet((byte)')') && reader.TryReadEnd() ? new(root, resources) : null;
        return command is not null;
    }

    public async ValueTask<ImapCompletion> ExecuteAsync(ImapSession session, CancellationToken ct)
    {
        if (!session.Access.IsAdministrator)
            return ImapCompletion.No("Quotas are set by the administrator", "NOPERM");
        Result<MailboxPlace> found = await Root.FindAsync(session, AclRights.Administer, ct);
        if (!found.Ok)
            return QuotaRootArgument.Refuse(found.Error);
        using MailboxPlace place = found.Value;
        if (!TryGetQuota(out DirectoryQuota quota))
            return ImapCompletion.No("Limits are of STORAGE, MESSAGE and MAILBOX", "CANNOT");
        StoreError error = session.Access.SetQuota(place.Account.Name, quota);
        if (error != StoreError.None)
            return ImapCompletion.No(error);
        Result<AccountQuota> now = await place.Account.QuotaAsync(ct);
        if (now is { Ok: true, Value.IsUnlimited: false })
            QuotaResponses.Send(session, place.Account, now.Value);
        return ImapCompletion.Ok("SETQUOTA completed");
    }

    /// <summary>"Any previous resource limits for the named quota root are discarded, even … not explicitly listed".</summary>
    private bool TryGetQuota(out DirectoryQuota quota)
    {
        quota = DirectoryQuota.None;
        foreach ((string name, long limit) in Resources)
        {
            switch (name)
            {
                case "STORAGE":
                    quota = quota with { Octets = limit > QuotaLimits.Unlimited / QuotaResponses.UnitOctets ? QuotaLimits.Unlimited : limit * QuotaResponses.UnitOctets };
                    break;
                case "MESSAGE":
                    quota = quota with { Messages = limit };
                    break;
                case "MAILBOX":
                    quota = quota with { Mailboxes = limit };
                    break;
                default:
                    return false;
            }
        }

        return true;
    }
}

/// <summary>A resource and its limit.</summary>
internal readonly record struct QuotaResource(string Name, long Limit);
