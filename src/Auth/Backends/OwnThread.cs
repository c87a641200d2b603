namespace FullStack.Auth.Backends;

/// <summary>Runs calls that hold their thread – to the system, to C libraries – on threads of their own: the pool's belong to the sessions.</summary>
internal static class OwnThread
{
    public static Task<T> RunAsync<T>(Func<T> call)
        => Task.Factory.StartNew(call, CancellationToken.None, TaskCreationOptions.LongRunning | TaskCreationOptions.DenyChildAttach, TaskScheduler.Default);
}
