using FullStack.Store.Posix;

namespace FullStack.Store.Search;

/// <summary>
/// Lets the searches of all sessions read and compare in turns: as many at once as there are processors, each for a bounded
/// piece of work, so that a search through gigabytes keeps neither the others nor the disk's other users waiting.
/// </summary>
internal sealed class SearchTurns(DiskThreads disk)
{
    private const int MostAtOnce = 8;

    private readonly SemaphoreSlim _free = new(AtOnce);
    private readonly AsyncLock _filling = new();

    /// <summary>Turns taken at once, by all searches together.</summary>
    public static int AtOnce => Math.Clamp(Environment.ProcessorCount, 1, MostAtOnce);

    /// <summary>Runs one bounded piece of work on a thread that may block.</summary>
    public async Task<T> RunAsync<T>(Func<T> turn, CancellationToken ct)
    {
        await _free.WaitAsync(ct);
        try
        {
            return await disk.RunAsync(turn, ct);
        }
        finally
        {
            _free.Release();
        }
    }

    /// <summary>Lets one text index of the store be filled at a time.</summary>
    public ValueTask<AsyncLock.Held> EnterFillAsync(CancellationToken ct) => _filling.EnterAsync(ct);
}
