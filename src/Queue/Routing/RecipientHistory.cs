using FullStack.Auth.Backends;
using FullStack.Smtp;
using Microsoft.Extensions.Logging;

namespace FullStack.Queue.Routing;

/// <summary>Answers from the account directories since when addresses have had their owners.</summary>
/// <remarks>
/// RFC 7293. An alias has no owner of its own: those count to whom it leads. An account of which nobody said since when it is its owner's (one that was
/// imported) cannot pass; <c>fullstack user owner</c> says it.
/// </remarks>
public sealed class RecipientHistory(AccountBackends accounts, ILogger<RecipientHistory> logger) : IRecipientHistory
{
    private static readonly DeliveryStatus s_otherOwner = new(550, new(5, 7, 17), "The mailbox has changed hands since then");
    private static readonly DeliveryStatus s_otherDomainOwner = new(550, new(5, 7, 18), "The domain has changed hands since then");
    private static readonly DeliveryStatus s_unknown = new(550, new(5, 7, 19), "Since when the mailbox has its owner is not known here");

    public bool IsHere(Route route) => route is MailRoute { Targets.Count: > 0 };

    public async ValueTask<DeliveryStatus> CheckAsync(Route route, DateTimeOffset since, string asker, CancellationToken ct)
    {
        if (route is not MailRoute local)
            return DeliveryStatus.Success;
        try
        {
            foreach (LocalTarget target in local.Targets)
            {
                if (Refusal(await accounts.FindOwnershipAsync(target.Account.ToString(), ct), since) is { } refusal)
                    return refusal;
            }

            return DeliveryStatus.Success;
        }
        catch (DirectoryUnavailableException e)
        {
            QueueLog.DirectoryUnavailable(logger, asker, e.Message);
            return DeliveryStatus.LocalError;
        }
    }

    private static DeliveryStatus? Refusal(DirectoryOwnership? ownership, DateTimeOffset since)
    {
        if (ownership?.Domain > since)
            return s_otherDomainOwner;
        if (ownership?.User is not { } owned)
            return s_unknown;
        return owned > since ? s_otherOwner : null;
    }
}
