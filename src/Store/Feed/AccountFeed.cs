using System.Collections.Immutable;
using FullStack.Store.Mailboxes;

namespace FullStack.Store.Feed;

/// <summary>Hands what happens to an account's mailboxes to those who watch all of them.</summary>
internal sealed class AccountFeed
{
    private ImmutableArray<AccountWatch> _watches = [];

    public void Attach(AccountWatch watch) => ImmutableInterlocked.Update(ref _watches, static (watches, w) => watches.Add(w), watch);

    public void Detach(AccountWatch watch) => ImmutableInterlocked.Update(ref _watches, static (watches, w) => watches.Remove(w), watch);

    /// <summary>Never under a lock.</summary>
    public void Post(AccountEvent change)
    {
        foreach (AccountWatch watch in _watches)
            watch.Add(change);
    }

    /// <summary>Never under a lock.</summary>
    public void Post(MailboxName name, MessageChanges changes)
    {
        foreach (AccountWatch watch in _watches)
            watch.Add(name, changes);
    }
}
