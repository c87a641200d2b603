using System.Collections.Concurrent;
using System.Collections.Immutable;
using FullStack.Store.Accounts;
using FullStack.Store.Mailboxes;

namespace FullStack.Store.Feed;

/// <summary>Hands what happens to an account's mailboxes to those who watch all of them.</summary>
internal sealed class AccountFeed
{
    private readonly ConcurrentQueue<AccountEvent> _kept = new();
    private readonly Lock _telling = new(); // of those that were kept, so that they are told in their order
    private ImmutableArray<AccountWatch> _watches = [];

    /// <summary>Begins to tell a watch of what happens from now on.</summary>
    public void Attach(AccountWatch watch)
    {
        PostKept();
        ImmutableInterlocked.Update(ref _watches, static (watches, w) => watches.Add(w), watch);
    }

    public void Detach(AccountWatch watch) => ImmutableInterlocked.Update(ref _watches, static (watches, w) => watches.Remove(w), watch);

    /// <summary>Never under a lock.</summary>
    public void Post(AccountEvent change)
    {
        PostKept();
        foreach (AccountWatch watch in _watches)
            watch.Add(change);
    }

    /// <summary>Posts an event behind, from where a lock is held. It is not told to who begins to watch later, and not after what is posted later.</summary>
    public void PostBehind(AccountEvent change, BackgroundWork behind)
    {
        _kept.Enqueue(change);
        behind.Run(_ =>
        {
            PostKept();
            return Task.CompletedTask;
        });
    }

    /// <summary>Posts what was kept, in order, to those who watch now.</summary>
    private void PostKept()
    {
        lock (_telling)
        {
            while (_kept.TryDequeue(out AccountEvent? change))
            {
                foreach (AccountWatch watch in _watches)
                    watch.Add(change);
            }
        }
    }

    /// <summary>Never under a lock.</summary>
    public void Post(MailboxName name, MessageChanges changes)
    {
        foreach (AccountWatch watch in _watches)
            watch.Add(name, changes);
    }
}
