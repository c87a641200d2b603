using FullStack.Queue.Schedule;
using FullStack.Queue.Spool;
using FullStack.Smtp;

namespace FullStack.Queue.OnDemand;

/// <summary>Mail of the queue that waits to be fetched, and who is fetching it. One for a server, whatever is reloaded.</summary>
/// <param name="attempts">The queue, and what attempts work with.</param>
public sealed class OnDemandQueue(AttemptParts attempts)
{
    private readonly FetchClaims _claims = new();

    /// <summary>Makes the answers for one configuration.</summary>
    public IOnDemandRelay For(IReadOnlyList<FetchGrant> grants) => new Relay(this, grants);

    private sealed class Relay(OnDemandQueue mail, IReadOnlyList<FetchGrant> grants) : IOnDemandRelay
    {
        public async ValueTask<FetchAnswer> AskAsync(IReadOnlyList<string> domains, SmtpPeer peer, CancellationToken ct)
        {
            string[] granted = [.. grants.Where(grant => grant.Account == peer.Account).Select(static grant => grant.Domain)];
            string[] asked = domains.Count == 0 ? granted : [.. domains.Distinct()];
            if (asked.Length == 0 || asked.Except(granted).Any())
                return new(FetchOutcome.NotAllowed);
            return await mail.ClaimAsync(asked, peer, ct);
        }
    }

    private async ValueTask<FetchAnswer> ClaimAsync(string[] domains, SmtpPeer peer, CancellationToken ct)
    {
        if (!_claims.TryClaim(domains))
            return new(FetchOutcome.Busy);
        bool isHandedOn = false;
        try
        {
            DateTimeOffset now = attempts.Time.GetUtcNow();
            int messages = await attempts.Queue.ReadAsync(rows => domains.Sum(domain => FetchTable.Count(rows, Destinations.ToBeFetched(domain), now))).WaitAsync(ct);
            QueueLog.RunAsked(attempts.Log, peer.ConnectionId, string.Join(',', domains), messages);
            if (messages == 0)
                return new(FetchOutcome.NoMail);
            isHandedOn = true;
            return new(FetchOutcome.Ready, new MailFetch(attempts, domains, () => _claims.Release(domains)));
        }
        catch (IOException e)
        {
            QueueLog.QueueUnusable(attempts.Log, e.Message);
            return new(FetchOutcome.Unable);
        }
        finally
        {
            if (!isHandedOn)
                _claims.Release(domains);
        }
    }
}
