using FullStack.Auth.Backends;

namespace FullStack.Auth.Passwords;

/// <summary>Runs password checks on threads of their own, no more at once than there are cores; where a directory checks them, no more than it is to be asked at once.</summary>
/// <remarks>A key derivation holds its thread for milliseconds, crypt(3) up to seconds: the pool's threads belong to the sessions.</remarks>
internal sealed class PasswordCheckGate(int places)
{
    private readonly SemaphoreSlim _free = new(places);
    private long _checks;

    /// <summary>Whether a check runs at this moment.</summary>
    public bool IsTaken => _free.CurrentCount < places;

    /// <summary>How many checks were run so far.</summary>
    public long Checks => Volatile.Read(ref _checks);

    /// <summary>Waits for a free place.</summary>
    public async ValueTask<IDisposable> EnterAsync(CancellationToken ct)
    {
        await _free.WaitAsync(ct);
        return new Place(_free);
    }

    /// <summary>Runs a check on a thread of its own. Call it with a place taken.</summary>
    public Task<T> RunAsync<T>(Func<T> check)
    {
        Interlocked.Increment(ref _checks);
        return OwnThread.RunAsync(check);
    }

    private sealed class Place(SemaphoreSlim free) : IDisposable
    {
        private SemaphoreSlim? _free = free;

        public void Dispose() => Interlocked.Exchange(ref _free, null)?.Release();
    }
}
