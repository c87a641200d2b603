using FullStack.Store.Mailboxes;
using Microsoft.Extensions.Logging;

namespace FullStack.Store.Feed;

/// <summary>A mailbox under watch, and what is still to be looked at there.</summary>
internal sealed class WatchedFolder(Mailbox mailbox, ILogger log)
{
    /// <summary>Of so many changes at most each is looked at by itself; of more, the whole folder is.</summary>
    public const int MaxEvents = 1024;

    /// <summary>Least time between two looks that nothing but a failed one is reason for: each lists the whole folder.</summary>
    public static readonly TimeSpan RetryAfter = TimeSpan.FromSeconds(5);

    private readonly Lock _gate = new();
    private readonly Lock _looking = new(); // who finds nothing changed may rely on it that a look at the change has begun
    private List<FolderEvent> _events = [];
    private bool _unwatched;
    private bool _owed;
    private long _failedAt;
    private bool _overflow;
    private bool _running;
    private TaskCompletionSource? _waiting;

    /// <summary>The system's numbers of the watches; -1 for a directory it would not watch.</summary>
    public List<int> Watches { get; } = [];

    /// <summary>Whether it has to be looked at from time to time.</summary>
    public bool IsPolled => Watches.Contains(-1);

    /// <summary>Whether the mailbox is in memory. One that is not is watched for those who watch the whole account, and never polled.</summary>
    public bool IsLoaded => mailbox.IsLoaded;

    /// <summary>Nothing is told of it for now; it will be looked at when that is over.</summary>
    public bool IsUnwatched { get => Volatile.Read(ref _unwatched); set => Volatile.Write(ref _unwatched, value); }

    /// <summary>A look failed (a full disk): the next event is reason to look at everything, and so is <see cref="Retry"/>.</summary>
    public bool IsOwed => Volatile.Read(ref _owed);

    public void Add(FolderEvent change) => Add(events =>
    {
        if (events.Count < MaxEvents)
            events.Add(change);
        else
            _overflow = true;
    });

    /// <summary>Something happened, nobody knows what: the whole folder is looked at.</summary>
    public void AddOverflow() => Add(_ => _overflow = true);

    /// <summary>Looks again where a look failed some seconds ago: no event may come to tell that the disk has room again.</summary>
    public void Retry()
    {
        if (IsOwed && mailbox.Store.Time.GetElapsedTime(Volatile.Read(ref _failedAt)) >= RetryAfter)
            AddOverflow();
    }

    /// <summary>Returns when what was added before the call has been looked at.</summary>
    public Task SettleAsync()
    {
        lock (_gate)
            return _running ? (_waiting ??= new(TaskCreationOptions.RunContinuationsAsynchronously)).Task : Task.CompletedTask;
    }

    /// <summary>Has the whole folder looked at where anything was changed since the last call. Blocks.</summary>
    /// <returns>Whether it was.</returns>
    public bool LookIfChanged()
    {
        lock (_looking)
        {
            bool changed = mailbox.Folder.IsChanged();
            if (changed)
                AddOverflow();
            return changed;
        }
    }

    private void Add(Action<List<FolderEvent>> add)
    {
        lock (_gate)
        {
            add(_events);
            if (_running)
                return;
            _running = true;
        }

        _ = Task.Run(RunAsync);
    }

    private async Task RunAsync()
    {
        while (true)
        {
            List<FolderEvent> events;
            bool all;
            TaskCompletionSource? waiting;
            lock (_gate)
            {
                (events, all, waiting) = (_events, _overflow, _waiting);
                _waiting = null;
                _running = events.Count > 0 || all;
                (_events, _overflow) = ([], false);
            }

            all |= IsOwed && events.Count > 0;
            if (events.Count == 0 && !all)
            {
                waiting?.SetResult();
                return;
            }

            bool seen = false;
            try
            {
                seen = await MailboxRescan.RescanAsync(mailbox, all ? null : events, CancellationToken.None);
            }
            catch (IOException e)
            {
                StoreLog.IndexUnusable(log, mailbox.Folder.Path.ToString(), e.Message);
            }
            catch (Exception e) // A bug of ours must not end the watch.
            {
                StoreLog.BackgroundFailed(log, e);
            }

            Volatile.Write(ref _failedAt, mailbox.Store.Time.GetTimestamp());
            Volatile.Write(ref _owed, !seen);
            waiting?.SetResult();
        }
    }
}
