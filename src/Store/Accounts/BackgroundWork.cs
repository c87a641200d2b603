using System.Collections.Concurrent;
using Microsoft.Extensions.Logging;

namespace FullStack.Store.Accounts;

/// <summary>Work of an account that nobody waits for, until the account is closed.</summary>
/// <param name="log">Where it says that something failed.</param>
internal sealed class BackgroundWork(ILogger log)
{
    private readonly ConcurrentDictionary<Task, byte> _running = new();

    public void Run(Func<CancellationToken, Task> work)
    {
        Task<Task> begun = new(async () =>
        {
            try
            {
                await work(CancellationToken.None);
            }
            catch (Exception e) // Nobody awaits it.
            {
                StoreLog.BackgroundFailed(log, e);
            }
        });
        Task task = begun.Unwrap();
        _running.TryAdd(task, 0); // before it begins: who waits for the end waits for all that has
        task.ContinueWith(done => _running.TryRemove(done, out _), TaskScheduler.Default);
        begun.Start(TaskScheduler.Default);
    }

    /// <summary>Completes when all that was begun has ended.</summary>
    public Task EndAsync() => Task.WhenAll(_running.Keys);
}
