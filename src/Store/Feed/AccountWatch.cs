using FullStack.Store.Accounts;
using FullStack.Store.Mailboxes;

namespace FullStack.Store.Feed;

/// <summary>One session's watch over the mailboxes of an account, those that are not open among them.</summary>
/// <remarks>
/// Changes of messages are kept as one sum for each mailbox, other events in order; where too many wait, the watch overflows and is
/// of no more use. A mailbox that is named by <see cref="WatchFoldersAsync"/> is not held in memory: only its folder is watched, so that what
/// other programs do there is noticed too.
/// </remarks>
public sealed class AccountWatch : IDisposable
{
    /// <summary>Most events that wait.</summary>
    public const int MaxEvents = 1000;

    private readonly Account _account;
    private readonly Lock _gate = new();
    private readonly Dictionary<MailboxName, MessageChanges> _changes = [];
    private readonly HashSet<Mailbox> _folders = [];
    private List<AccountEvent> _events = [];
    private bool _overflowed;

    internal AccountWatch(Account account)
    {
        _account = account;
        account.Feed.Attach(this);
    }

    /// <summary>Called from any thread when something was added. Must not block.</summary>
    public Action? Changed { get; set; }

    /// <summary>Whether events were lost.</summary>
    public bool HasOverflowed
    {
        get
        {
            lock (_gate)
                return _overflowed;
        }
    }

    /// <summary>Takes the events that wait, in order.</summary>
    public IReadOnlyList<AccountEvent> TakeEvents()
    {
        lock (_gate)
        {
            if (_events.Count == 0)
                return [];
            List<AccountEvent> taken = _events;
            _events = [];
            return taken;
        }
    }

    /// <summary>Takes what happened to messages, by mailbox.</summary>
    public IReadOnlyList<KeyValuePair<MailboxName, MessageChanges>> TakeChanges()
    {
        lock (_gate)
        {
            if (_changes.Count == 0)
                return [];
            KeyValuePair<MailboxName, MessageChanges>[] taken = [.. _changes];
            _changes.Clear();
            return taken;
        }
    }

    /// <summary>Takes out an event that waits, for the watcher caused it.</summary>
    public void Forget(AccountEvent own)
    {
        lock (_gate)
            _events.Remove(own);
    }

    /// <summary>Takes out messages that the watcher itself added.</summary>
    public void Forget(MailboxName name, int added)
    {
        lock (_gate)
        {
            if (!_changes.TryGetValue(name, out MessageChanges changes))
                return;
            changes = changes with { Added = Math.Max(changes.Added - added, 0) };
            if (changes.IsNothing)
                _changes.Remove(name);
            else
                _changes[name] = changes;
        }
    }

    /// <summary>Has the folders of these mailboxes watched, and no others: what other programs do there becomes an unknown change.</summary>
    public ValueTask<Result<Nothing>> WatchFoldersAsync(IReadOnlyCollection<MailboxName> names, CancellationToken ct)
        => _account.GuardAsync<Nothing>(async () =>
        {
            HashSet<Mailbox> wanted = [.. await _account.Mailboxes.FoldersAsync(names, ct)];
            foreach (Mailbox mailbox in wanted.Where(_folders.Add))
                mailbox.WatchDormant();
            foreach (Mailbox mailbox in _folders.Where(folder => !wanted.Contains(folder)).ToList())
            {
                _folders.Remove(mailbox);
                _account.Behind.Run(_ => mailbox.UnwatchDormantAsync());
            }

            return default(Nothing);
        });

    public void Dispose()
    {
        Changed = null;
        _account.Feed.Detach(this);
        foreach (Mailbox mailbox in _folders)
            _account.Behind.Run(_ => mailbox.UnwatchDormantAsync());
        _folders.Clear();
    }

    /// <summary>Adds a change of messages that the watcher has not been told of.</summary>
    public void Add(MailboxName name, MessageChanges changes)
    {
        lock (_gate)
        {
            if (_changes.Count >= MaxEvents && !_changes.ContainsKey(name))
                _overflowed = true;
            else
                _changes[name] = _changes.GetValueOrDefault(name).Plus(changes);
        }

        Changed?.Invoke();
    }

    internal void Add(AccountEvent change)
    {
        lock (_gate)
        {
            if (_events.Count >= MaxEvents)
                _overflowed = true;
            else
                _events.Add(change);
        }

        Changed?.Invoke();
    }
}
