using FullStack.Queue.Relay;
using FullStack.Queue.Routing;
using FullStack.Smtp;
using FullStack.Smtp.Client;

namespace FullStack.QueueBench;

/// <summary>Hosts that are all there and take each message at once, without a network: what is measured is the queue.</summary>
internal sealed class EagerHosts : IHostFinder, IMailClient, IRecipientHistory
{
    private static readonly DeliveryStatus s_taken = new(250, new(2, 0, 0), "taken");

    private readonly Lock _gate = new();
    private readonly List<(int Count, TaskCompletionSource Reached)> _waiting = [];
    private TaskCompletionSource _open = NewOpen();
    private int _taken;

    public EagerHosts() => _open.SetResult();

    public void Close() => _open = NewOpen();

    public void Open() => _open.TrySetResult();

    public bool IsHere(Route route) => false;

    /// <summary>Returns once so many messages have come.</summary>
    public Task ReachedAsync(int count)
    {
        lock (_gate)
        {
            if (_taken >= count)
                return Task.CompletedTask;
            TaskCompletionSource reached = new(TaskCreationOptions.RunContinuationsAsynchronously);
            _waiting.Add((count, reached));
            return reached.Task;
        }
    }

    public ValueTask<HostSearch> FindAsync(NextHop hop, TlsWish wish, CancellationToken ct)
        => new(HostSearch.Found([new RemoteHost(hop.Name, new System.Net.IPEndPoint(System.Net.IPAddress.Loopback, 25))]));

    public async ValueTask<AttemptReport> SendAsync(RemoteHost host, OutgoingMessage message, CancellationToken ct)
    {
        await _open.Task.WaitAsync(ct);
        await using (Stream octets = await message.Open(ct))
            await octets.CopyToAsync(Stream.Null, ct);
        lock (_gate)
        {
            _taken++;
            foreach ((int _, TaskCompletionSource reached) in _waiting.Where(one => one.Count == _taken).ToArray())
                reached.SetResult();
        }

        return new([.. message.Recipients.Select(static _ => new RecipientResult(s_taken, false, true))], TryNextHost: false);
    }

    public ValueTask<DeliveryStatus> CheckAsync(Route route, DateTimeOffset since, string asker, CancellationToken ct) => new(DeliveryStatus.Success);

    private static TaskCompletionSource NewOpen() => new(TaskCreationOptions.RunContinuationsAsynchronously);
}
