using FullStack.Store.Mailboxes;
using FullStack.Store.Posix;
using Microsoft.Extensions.Logging;

namespace FullStack.Store.Feed;

/// <summary>
/// Watches the folders of all open mailboxes with one inotify instance and one thread. Folders that the system has no
/// watch left for are polled by their modification times.
/// </summary>
internal sealed class MaildirWatcher : IDisposable
{
    private const int PollMilliseconds = 1000;

    private readonly Inotify? _inotify;
    private readonly DiskThreads _disk;
    private readonly ILogger _log;
    private readonly Thread _thread;
    private readonly ManualResetEventSlim _wake = new();
    private readonly Lock _gate = new();
    private readonly Dictionary<int, (Mailbox Mailbox, bool IsNew)> _byWatch = [];
    private readonly Dictionary<Mailbox, WatchedFolder> _folders = [];
    private volatile bool _stopped;

    public MaildirWatcher(WatchMode mode, DiskThreads disk, ILogger log)
    {
        (_inotify, _disk, _log) = (mode == WatchMode.Inotify ? Inotify.TryOpen() : null, disk, log);
        _thread = new(Loop, maxStackSize: 512 * 1024) { IsBackground = true, Name = "maildir-watch" };
        _thread.Start();
    }

    /// <summary>Begins to watch a mailbox; what happens to its folder from now on will be looked at.</summary>
    public void Watch(Mailbox mailbox)
    {
        lock (_gate)
        {
            if (_stopped)
                return;
            if (_folders.ContainsKey(mailbox))
                return;
            WatchedFolder folder = new(mailbox, _log);
            _folders[mailbox] = folder;
            Watch(mailbox, folder);
        }
    }

    /// <summary>
    /// Looks away while this process changes very many files of a mailbox: reading what the system tells of each would take as long as the changes
    /// themselves. At the end the whole folder is looked at, so that nothing is missed that others do meanwhile. Under the mailbox lock.
    /// </summary>
    /// <param name="mailbox">The mailbox.</param>
    /// <param name="files">How many files will be changed.</param>
    /// <returns>To be disposed at the end; null where they are so few that their events are read.</returns>
    public IDisposable? LookAway(Mailbox mailbox, int files)
    {
        if (files <= WatchedFolder.MaxEvents)
            return null;
        lock (_gate)
        {
            if (!_folders.TryGetValue(mailbox, out WatchedFolder? folder) || folder.IsPolled || folder.IsUnwatched)
                return null;
            Unwatch(mailbox, folder);
            folder.IsUnwatched = true;
            return new LookingAway(this, mailbox, folder);
        }
    }

    public void Unwatch(Mailbox mailbox)
    {
        lock (_gate)
        {
            if (_folders.Remove(mailbox, out WatchedFolder? folder))
                Unwatch(mailbox, folder);
        }
    }

    /// <summary>Has the whole folder of a watched mailbox looked at.</summary>
    public void LookAgain(Mailbox mailbox)
    {
        lock (_gate)
            _folders.GetValueOrDefault(mailbox)?.AddOverflow();
    }

    /// <summary>Has a watched mailbox's folder looked at where the last look failed.</summary>
    public void Retry(Mailbox mailbox)
    {
        lock (_gate)
            _folders.GetValueOrDefault(mailbox)?.Retry();
    }

    /// <summary>Returns when all that other programs did to a watched mailbox's folder before the call has been taken over.</summary>
    /// <returns>Whether it has: false for a mailbox that is not watched now, and where a look at the folder failed.</returns>
    /// <remarks>The system queues an event while the deed is done, so what waits in the queue now is all there is.</remarks>
    public async Task<bool> CatchUpAsync(Mailbox mailbox)
    {
        WatchedFolder? folder;
        bool isPolled;
        lock (_gate)
        {
            if (_stopped || !_folders.TryGetValue(mailbox, out folder))
                return false;
            isPolled = folder.IsPolled;
        }

        if (isPolled)
            await _disk.RunAsync(folder.LookIfChanged);
        else if (!_inotify!.ReadQueued(OnEvent)) // by who asks: else the watching thread would have to be woken, and then the asker again
            return false;
        folder.Retry();
        await folder.SettleAsync();
        return folder is { IsOwed: false, IsUnwatched: false };
    }

    public void Dispose()
    {
        _stopped = true;
        Wake();
        _thread.Join();
        _inotify?.Dispose();
        _wake.Dispose();
    }

    private void Watch(Mailbox mailbox, WatchedFolder folder)
    {
        foreach (WatchedDirectory directory in mailbox.Folder.Watched)
        {
            int watch = (directory.IsFile ? _inotify?.AddFile(directory.Directory) : _inotify?.Add(directory.Directory)) ?? -1;
            folder.Watches.Add(watch);
            if (watch >= 0)
                _byWatch[watch] = (mailbox, directory.IsNew);
        }

        if (folder.IsPolled)
        {
            if (_inotify is not null)
                StoreLog.WatchLimit(_log, mailbox.Folder.Path.ToString());
            Wake();
        }
    }

    private void Unwatch(Mailbox mailbox, WatchedFolder folder)
    {
        foreach (int watch in folder.Watches)
        {
            // inotify gives one number to one directory, also when it is asked twice.
            if (watch >= 0 && _byWatch.TryGetValue(watch, out (Mailbox Mailbox, bool) owner) && owner.Mailbox == mailbox)
            {
                _byWatch.Remove(watch);
                _inotify!.Remove(watch);
            }
        }

        folder.Watches.Clear();
    }

    private void LookBack(Mailbox mailbox, WatchedFolder folder)
    {
        lock (_gate)
        {
            folder.IsUnwatched = false;
            if (_stopped || _folders.GetValueOrDefault(mailbox) != folder)
                return;
            Watch(mailbox, folder);
            folder.AddOverflow();
        }
    }

    private void Wake()
    {
        _wake.Set();
        _inotify?.Wake();
    }

    private void Loop()
    {
        while (!_stopped)
        {
            WatchedFolder[] polled;
            lock (_gate)
                polled = [.. _folders.Values.Where(static f => f.IsPolled)];
            foreach (WatchedFolder folder in polled.Where(static f => f.IsLoaded))
                folder.LookIfChanged();

            // Also for one that is only being loaded: nobody wakes this thread when it is.
            int timeout = polled.Length > 0 ? PollMilliseconds : Timeout.Infinite;
            if (_inotify is not null)
                _inotify.Wait(timeout, OnEvent);
            else if (_wake.Wait(timeout))
                _wake.Reset();
        }
    }

    private void OnEvent(int watch, bool appeared, ReadOnlySpan<byte> name)
    {
        lock (_gate)
        {
            if (watch < 0)
            {
                foreach (WatchedFolder folder in _folders.Values)
                    folder.AddOverflow();
            }
            else if (!_byWatch.TryGetValue(watch, out (Mailbox Mailbox, bool IsNew) owner))
                return;
            else if (name.IsEmpty)
                OnFileEvent(watch, owner.Mailbox, isThere: appeared);
            else
            {
                // What this process puts there it announces itself, or has the folder looked at when it cannot.
                byte[] copy = name.ToArray();
                if (!appeared || !owner.Mailbox.InFlight.ContainsKey(copy))
                    _folders[owner.Mailbox].Add(new(copy, owner.IsNew, appeared));
            }
        }
    }

    /// <summary>A file that was replaced has another inode, which the watch does not follow. Under the gate.</summary>
    private void OnFileEvent(int watch, Mailbox mailbox, bool isThere)
    {
        WatchedFolder folder = _folders[mailbox];
        if (!isThere && folder.Watches.IndexOf(watch) is var at and >= 0)
        {
            int next = _inotify!.AddFile(mailbox.Folder.Path);
            if (next != watch)
            {
                _byWatch.Remove(watch);
                _inotify.Remove(watch);
                folder.Watches[at] = next;
                if (next >= 0)
                    _byWatch[next] = (mailbox, false);
                else
                    _wake.Set(); // Polled from now on.
            }
        }

        folder.Add(new([], InNew: false, Appeared: isThere));
    }

    private sealed class LookingAway(MaildirWatcher watcher, Mailbox mailbox, WatchedFolder folder) : IDisposable
    {
        public void Dispose() => watcher.LookBack(mailbox, folder);
    }
}
