namespace FullStack.Store.Posix;

/// <summary>
/// fsync of directories as a group commit: those who ask while one runs share the next one, which starts after all of
/// them have made their changes.
/// </summary>
internal sealed class DirectorySync(IMaildirFiles files, DiskThreads disk)
{
    private readonly Lock _gate = new();
    private readonly Dictionary<string, Group> _running = [];

    /// <summary>Returns when all names put into the directory before the call are on the disk.</summary>
    public Task<FileError> SyncAsync(FilePath directory)
    {
        string key = directory.ToString();
        TaskCompletionSource<FileError> asked = NewAsked();
        lock (_gate)
        {
            if (_running.TryGetValue(key, out Group? group))
                return (group.Next ??= asked).Task;
            _running[key] = new Group();
        }

        _ = RunAsync(key, directory, asked);
        return asked.Task;
    }

    /// <summary>The same at once, on the caller's thread, where nobody is at it. Blocks.</summary>
    /// <param name="directory">The directory.</param>
    /// <param name="error">What came of it.</param>
    /// <returns>False: somebody is at it, and the next one is to be shared: <see cref="SyncAsync"/>.</returns>
    public bool TrySync(FilePath directory, out FileError error)
    {
        error = FileError.None;
        string key = directory.ToString();
        lock (_gate)
        {
            if (!_running.TryAdd(key, new Group()))
                return false;
        }

        try
        {
            error = files.SyncDirectory(directory);
            return true;
        }
        finally
        {
            if (TakeNext(key) is { } asked)
                _ = RunAsync(key, directory, asked);
        }
    }

    private static TaskCompletionSource<FileError> NewAsked() => new(TaskCreationOptions.RunContinuationsAsynchronously);

    private async Task RunAsync(string key, FilePath directory, TaskCompletionSource<FileError>? asked)
    {
        while (asked is not null)
        {
            try
            {
                asked.SetResult(await disk.RunAsync(() => files.SyncDirectory(directory)));
            }
            catch (Exception e) // A bug below: it belongs to those who wait, not to an unobserved task.
            {
                asked.SetException(e);
            }

            asked = TakeNext(key);
        }
    }

    /// <summary>Who asked while one ran; null: nobody, and the next to ask is the first again.</summary>
    private TaskCompletionSource<FileError>? TakeNext(string key)
    {
        lock (_gate)
        {
            Group group = _running[key];
            TaskCompletionSource<FileError>? next = group.Next;
            group.Next = null;
            if (next is null)
                _running.Remove(key);
            return next;
        }
    }

    private sealed class Group
    {
        public TaskCompletionSource<FileError>? Next { get; set; }
    }
}
