using FullStack.Queue.Relay;
using FullStack.Queue.Schedule;
using FullStack.Queue.Spool;
using FullStack.Smtp;
using FullStack.Smtp.Client;

namespace FullStack.Queue.OnDemand;

/// <summary>Sends what waits for some domains over a connection that has turned round. What happens to each message is what happens in any other attempt.</summary>
/// <remarks>
/// The scheduler keeps its hands off: recipients that are to be fetched are never due. What an administrator has tried all the same (<c>queue flush</c>) finds no
/// host, and changes nothing but the time of the next attempt, which is never again.
/// </remarks>
internal sealed class MailFetch(AttemptParts parts, IReadOnlyList<string> domains, Action release) : IMailFetch
{
    private const int ReadTogether = 50;

    public async Task RunAsync(TurnedClient client, CancellationToken ct)
    {
        Attempts attempts = new(parts with { Client = client, Hosts = new OneHost(client.Host) });
        try
        {
            foreach (string domain in domains)
                await SendAsync(attempts, client, Destinations.ToBeFetched(domain), ct);
        }
        catch (IOException e)
        {
            QueueLog.QueueUnusable(parts.Log, e.Message); // what is left stays in the queue
        }
    }

    public ValueTask DisposeAsync()
    {
        release();
        return ValueTask.CompletedTask;
    }

    private async Task SendAsync(Attempts attempts, TurnedClient client, string destination, CancellationToken ct)
    {
        QueueId last = default;
        while (true)
        {
            DateTimeOffset now = parts.Time.GetUtcNow();
            List<QueueId> next = await parts.Queue.ReadAsync(rows => FetchTable.Next(rows, destination, last, now, ReadTogether));
            if (next.Count == 0)
                return;
            foreach (QueueId id in next)
            {
                if (client.IsOver)
                    return;
                ct.ThrowIfCancellationRequested();
                await attempts.AttemptFetchedAsync(id, destination, ct);
                last = id;
            }
        }
    }

    private sealed class OneHost(RemoteHost host) : IHostFinder
    {
        public ValueTask<HostSearch> FindAsync(NextHop hop, TlsWish wish, CancellationToken ct) => new(HostSearch.Found([host]));
    }
}
