using FullStack.Store.Mailboxes;
using FullStack.Store.Posix;
using Microsoft.Extensions.Logging;

namespace FullStack.Store.Feed;

/// <summary>A mailbox under watch, and what is still to be looked at there.</summary>
internal sealed class WatchedFolder(Mailbox mailbox, ILogger log)
{
    private const int MaxEvents = 1024;

    private readonly Lock _gate = new();
    private List<FolderEvent> _events = [];
    private bool _owed; // a look failed (a full disk): the next event is reason to look at everything
    private bool _overflow;
    private bool _running;
    private TaskCompletionSource? _waiting;
    private (FileFacts New, FileFacts Cur) _lastSeen;

    public required int New { get; init; }
    public required int Cur { get; init; }
    public bool IsPolled => New < 0 || Cur < 0;

    public void Add(FolderEvent change) => Add(events =>
    {
        if (events.Count < MaxEvents)
            events.Add(change);
        else
            _overflow = true;
    });

    /// <summary>Something happened, nobody knows what: the whole folder is looked at.</summary>
    public void AddOverflow() => Add(_ => _overflow = true);

    /// <summary>Returns when what was added before the call has been looked at.</summary>
    public Task SettleAsync()
    {
        lock (_gate)
            return _running ? (_waiting ??= new(TaskCreationOptions.RunContinuationsAsynchronously)).Task : Task.CompletedTask;
    }

    /// <summary>Whether the directories' times are others than at the last call. Blocks.</summary>
    public bool IsChanged(IMaildirFiles files)
    {
        files.Stat(mailbox.Folder.New, out FileFacts inNew);
        files.Stat(mailbox.Folder.Cur, out FileFacts inCur);
        bool changed = _lastSeen != (inNew, inCur);
        _lastSeen = (inNew, inCur);
        return changed;
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

            all |= _owed && events.Count > 0;
            if (events.Count == 0 && !all)
            {
                waiting?.SetResult();
                return;
            }

            _owed = false;
            try
            {
                if (all)
                    await MailboxRescan.RescanAsync(mailbox, CancellationToken.None);
                else
                    await MailboxRescan.RescanAsync(mailbox, events, CancellationToken.None);
            }
            catch (IOException e)
            {
                _owed = true;
                StoreLog.IndexUnusable(log, mailbox.Folder.Path.ToString(), e.Message);
            }
            catch (Exception e) // A bug of ours must not end the watch.
            {
                StoreLog.BackgroundFailed(log, e);
            }

            waiting?.SetResult();
        }
    }
}
