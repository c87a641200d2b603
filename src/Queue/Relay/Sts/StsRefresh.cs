namespace FullStack.Queue.Relay.Sts;

/// <summary>Has policies fetched anew each hour, behind the mail's back.</summary>
public sealed class StsRefresh : IDisposable
{
    private static readonly TimeSpan s_period = TimeSpan.FromHours(1);

    private readonly StsPolicies _policies;
    private readonly Func<bool> _isWanted;
    private readonly CancellationTokenSource _stop = new();
    private readonly ITimer _timer;
    private Task _running = Task.CompletedTask;

    /// <param name="policies">The policies.</param>
    /// <param name="isWanted">Whether policies count now.</param>
    /// <param name="time">The clock.</param>
    public StsRefresh(StsPolicies policies, Func<bool> isWanted, TimeProvider time)
    {
        _policies = policies;
        _isWanted = isWanted;
        _timer = time.CreateTimer(_ => Begin(), null, s_period, s_period);
    }

    /// <summary>Ends when nothing is being fetched.</summary>
    internal Task Rest => _running;

    public void Dispose()
    {
        _timer.Dispose();
        _stop.Cancel(); // what is under way ends by itself, and nobody waits for it
    }

    private void Begin()
    {
        if (_isWanted() && _running.IsCompleted)
            _running = RunAsync();
    }

    private async Task RunAsync()
    {
        await Task.Yield();
        try
        {
            await _policies.RefreshAsync(_stop.Token);
        }
        catch (OperationCanceledException)
        {
            // The server stops.
        }
    }
}
