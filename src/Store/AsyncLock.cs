namespace FullStack.Store;

/// <summary>A lock that may be held across awaits. Not re-entrant.</summary>
internal sealed class AsyncLock
{
    private readonly SemaphoreSlim _free = new(1, 1);

    public async ValueTask<Held> EnterAsync(CancellationToken ct)
    {
        await _free.WaitAsync(ct);
        return new(_free);
    }

    /// <summary>Frees the lock when disposed.</summary>
    internal readonly struct Held(SemaphoreSlim free) : IDisposable
    {
        public void Dispose() => free.Release();
    }
}
