namespace FullStack.Auth.Backends;

/// <summary>Runs calls that hold their thread – to the system, to C libraries – on threads of their own: the pool's belong to the sessions.</summary>
internal static class OwnThread
{
    /// <exception cref="DirectoryUnavailableException">File handles or memory are so short that there is no thread to be had.</exception>
    public static Task<T> RunAsync<T>(Func<T> call)
    {
        try
        {
            return Task.Factory.StartNew(call, CancellationToken.None, TaskCreationOptions.LongRunning | TaskCreationOptions.DenyChildAttach, TaskScheduler.Default);
        }
        catch (TaskSchedulerException e)
        {
            throw new DirectoryUnavailableException("no thread can be started", e);
        }
    }
}
