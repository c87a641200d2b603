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
        lock (_gate)
        {
            if (_running.TryGetValue(key, out Group? group))
                return (group.Next ??= new(TaskCreationOptions.RunContinuationsAsynchronously)).Task;
            _running[key] = new Group();
        }

        TaskCompletionSource<FileError> first = new(TaskCreationOptions.RunContinuationsAsynchronously);
        _ = RunAsync(key, directory, first);
        return first.Task;
    }

    private async Task RunAsync(string key, FilePath directory, TaskCompletionSource<FileError> asked)
    {
        while (true)
        {
            try
            {
                asked.SetResult(await disk.RunAsync(() => files.SyncDirectory(directory)));
            }
            catch (Exception e) // A bug below: it belongs to those who wait, not to an unobserved task.
            {
                asked.SetException(e);
            }

            lock (_gate)
            {
                Group group = _running[key];
                if (group.Next is null)
                {
                    _running.Remove(key);
                    return;
                }

                asked = group.Next;
                group.Next = null;
            }
        }
    }

    private sealed class Group
    {
        public TaskCompletionSource<FileError>? Next { get; set; }
    }
}
