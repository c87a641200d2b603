using FullStack.Auth.Throttling;
using FullStack.Queue.Routing;
using FullStack.Queue.Spool;
using FullStack.Smtp;
using Microsoft.Extensions.Logging;

namespace FullStack.Queue.Schedule;

/// <summary>Has what waits for a host sent when it asks for it.</summary>
/// <remarks>
/// RFC 1985. A network that may relay may ask, for any domain: what it gets is that mail leaves earlier, to the hosts that it goes to anyway. Where the configuration
/// says which networks may ask for which domains, only these may. A name behind <c>#</c> is that
/// of a destination, which is the domain for all mail that DNS leads.
/// </remarks>
/// <param name="queue">The queue.</param>
/// <param name="rights">Who may ask.</param>
/// <param name="rate">How often one network asks, and how often it may in an hour.</param>
/// <param name="time">The clock.</param>
/// <param name="log">Where log lines go.</param>
public sealed class QueueRunner(MessageQueue queue, RelayRights rights, (RateTable Counts, int PerHour) rate, TimeProvider time, ILogger log) : IQueueRunner
{
    public bool MayAsk(SmtpPeer peer) => rights.MayStartQueue(peer);

    public async ValueTask<QueueRun> StartAsync(QueueRunScope scope, string name, SmtpPeer peer, CancellationToken ct)
    {
        if (!rights.MayStartQueue(peer, name))
            return new(QueueRunOutcome.NotAllowed);
        if (rate.Counts.Take(ThrottleKey.OfNetwork(peer.Address), rate.PerHour, TimeSpan.FromHours(1)) > TimeSpan.Zero)
            return new(QueueRunOutcome.TooOften);
        DateTimeOffset now = time.GetUtcNow();
        try
        {
            (int messages, List<Lane> lanes) = await queue.ReadAsync(rows => QueueHaste.Look(rows, scope, name, now)).WaitAsync(ct);
            QueueLog.RunAsked(log, peer.ConnectionId, name, messages);
            if (messages == 0)
                return new(QueueRunOutcome.NothingWaiting);
            await queue.ChangeAsync(rows =>
            {
                QueueHaste.Hasten(rows, scope, name, lanes, now);
                return default(Store.Nothing);
            });
            queue.Hastened(lanes);
            return new(QueueRunOutcome.Started, messages);
        }
        catch (IOException e)
        {
            QueueLog.QueueUnusable(log, e.Message);
            return new(QueueRunOutcome.Unable);
        }
    }
}
