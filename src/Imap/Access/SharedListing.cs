using FullStack.Store;
using FullStack.Store.Accounts;
using FullStack.Store.Acl;
using FullStack.Store.Mailboxes;

namespace FullStack.Imap.Access;

/// <summary>
/// The mailboxes of other accounts that a user may look up, as LIST tells them. What he may not is not there at all: no name, no
/// \HasChildren above it (RFC 4314 §4: LIST behaves "as if the mailbox … doesn't exist").
/// </summary>
/// <param name="access">Opens accounts for the user.</param>
/// <param name="subscribed">The foreign names that the user subscribed to.</param>
internal sealed class SharedListing(MailboxAccess access, IReadOnlySet<MailboxName> subscribed)
{
    private readonly Dictionary<MailboxName, MailboxInfo> _infos = [];

    /// <param name="owners">The accounts to look at.</param>
    /// <param name="ct">Ends the wait.</param>
    /// <returns>The visible mailboxes, names that have visible ones below them, and subscriptions to what cannot be seen, sorted.</returns>
    public async ValueTask<IReadOnlyList<MailboxInfo>> ReadAsync(IEnumerable<AccountName> owners, CancellationToken ct)
    {
        foreach (AccountName owner in owners)
        {
            Result<AccountLease> lease = await access.LeaseAsync(owner, ct);
            if (!lease.Ok)
                continue;
            using (lease.Value)
                await AddAsync(lease.Value.Account, ct);
        }

        AddLevels();
        foreach (MailboxName name in subscribed)
            _infos[name] = _infos.TryGetValue(name, out MailboxInfo? info) ? info with { Subscribed = true } : new(name, false, false, true, SpecialUse.None);
        return [.. _infos.Values.OrderBy(static info => info.Name.Text, StringComparer.Ordinal)];
    }

    private async ValueTask AddAsync(Account account, CancellationToken ct)
    {
        Result<IReadOnlyList<MailboxName>> visible = await access.VisibleAsync(account, ct);
        if (!visible.Ok)
            return;
        foreach (MailboxName inner in visible.Value)
        {
            // Whose special use it is, the user's own mailboxes say; another's Drafts are not where he drafts.
            if (access.Namespaces.NameOf(account.Name, inner) is { } name)
                _infos[name] = new(name, Exists: true, HasChildren: false, Subscribed: false, SpecialUse.None);
        }
    }

    private void AddLevels()
    {
        foreach (MailboxName name in _infos.Keys.ToArray())
        {
            for (MailboxName? parent = name.Parent; parent is not null; parent = parent.Parent)
                _infos[parent] = _infos.TryGetValue(parent, out MailboxInfo? info) ? info with { HasChildren = true } : new(parent, false, true, false, SpecialUse.None);
        }
    }
}
