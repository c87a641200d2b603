namespace FullStack.Store.Quota;

/// <summary>
/// Keeps counting apart from what changes the counts: any number of changes may be inside at once, or one count. Who is
/// inside for a change never waits for a count of another account, so nothing can wait in a circle.
/// </summary>
internal sealed class UsageGate
{
    private readonly Lock _lock = new();
    private readonly AsyncLock _counting = new();
    private TaskCompletionSource? _emptied;
    private TaskCompletionSource? _opened;
    private int _inside;
    private bool _isClosed;

    /// <summary>Goes in for a change; waits while a count runs, not for one that waits itself.</summary>
    public async ValueTask EnterAsync(CancellationToken ct)
    {
        while (true)
        {
            Task opened;
            lock (_lock)
            {
                if (!_isClosed)
                {
                    _inside++;
                    return;
                }

                opened = (_opened ??= NewSignal()).Task;
            }

            await opened.WaitAsync(ct);
        }
    }

    public void Leave()
    {
        lock (_lock)
        {
            if (--_inside == 0)
                Signal(ref _emptied);
        }
    }

    /// <summary>Runs a count while no change is inside.</summary>
    public async Task CountAsync(Func<Task> count, CancellationToken ct)
    {
        using (await _counting.EnterAsync(ct))
        {
            await CloseAsync(ct);
            try
            {
                await count();
            }
            finally
            {
                lock (_lock)
                {
                    _isClosed = false;
                    Signal(ref _opened);
                }
            }
        }
    }

    private async Task CloseAsync(CancellationToken ct)
    {
        while (true)
        {
            Task emptied;
            lock (_lock)
            {
                if (_inside == 0)
                {
                    _isClosed = true;
                    return;
                }

                emptied = (_emptied ??= NewSignal()).Task;
            }

            await emptied.WaitAsync(ct);
        }
    }

    private static TaskCompletionSource NewSignal() => new(TaskCreationOptions.RunContinuationsAsynchronously);

    private static void Signal(ref TaskCompletionSource? signal)
    {
        signal?.TrySetResult();
        signal = null;
    }
}
