using FullStack.Queue.Routing;
using FullStack.Queue.Spool;
using FullStack.Smtp;
using Microsoft.Extensions.Logging;

namespace FullStack.Queue.Schedule;

/// <summary>Has what waits for a host sent when it asks for it.</summary>
/// <remarks>
/// RFC 1985. A network that may relay may ask, for any domain: what it gets is that mail leaves earlier, to the hosts that it goes to anyway. A name behind <c>#</c> is that
/// of a destination, which is the domain for all mail that DNS leads.
/// </remarks>
/// <param name="queue">The queue.</param>
/// <param name="rights">Who may ask.</param>
/// <param name="time">The clock.</param>
/// <param name="log">Where log lines go.</param>
public sealed class QueueRunner(MessageQueue queue, RelayRights rights, TimeProvider time, ILogger log) : IQueueRunner
{
    public bool MayAsk(SmtpPeer peer) => rights.MayStartQueue(peer);

    public async ValueTask<QueueRun> StartAsync(QueueRunScope scope, string name, SmtpPeer peer, CancellationToken ct)
    {
        if (!MayAsk(peer))
            return new(QueueRunOutcome.NotAllowed);
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
