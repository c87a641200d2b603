using FullStack.Store.Acl;
using FullStack.Store.Index;
using FullStack.Store.Mailboxes;

namespace FullStack.Store.Accounts;

/// <summary>The access lists of an account's mailboxes (RFC 4314). Who may change them is for the caller to ask.</summary>
public sealed class AccountAccess
{
    private readonly Account _account;

    internal AccountAccess(Account account) => _account = account;

    /// <summary>The list that counts for a mailbox: its own, else that of the nearest name above, else <see cref="AccessList.Private"/>.</summary>
    public ValueTask<Result<AccessList>> ListAsync(MailboxName name, CancellationToken ct)
        => _account.GuardAsync<AccessList>(async () =>
            await IsNameAsync(name, ct) ? await _account.Index.ReadAsync(index => Effective(index, name), ct) : StoreError.NotFound);

    /// <summary>What somebody may do with a mailbox.</summary>
    /// <param name="name">The mailbox, or a name that only has mailboxes below it.</param>
    /// <param name="user">Who asks; null who has not logged in.</param>
    /// <param name="groups">The groups that the user is in.</param>
    public async ValueTask<Result<AclRights>> RightsAsync(MailboxName name, AccountName? user, IReadOnlyCollection<string> groups, CancellationToken ct)
    {
        Result<AccessList> list = await ListAsync(name, ct);
        return list.Ok ? list.Value.RightsOf(_account.Name, user, groups) : list.Error;
    }

    /// <summary>Sets one entry; no rights at all take it out. A mailbox without a list of its own gets the inherited one first.</summary>
    /// <returns>
    /// <see cref="StoreError.NotPermitted"/> where the owner would lose <c>a</c> or <c>l</c>, or administrators anything;
    /// <see cref="StoreError.OverQuota"/> where the list is as long as it may be.
    /// </returns>
    public ValueTask<Result<Nothing>> SetAsync(MailboxName name, AclIdentifier identifier, AclRights rights, CancellationToken ct)
        => _account.ChangeAsync<Nothing>(async () =>
        {
            if (!IsPermitted(identifier, rights))
                return StoreError.NotPermitted;
            if (!await IsNameAsync(name, ct))
                return StoreError.NotFound;

            // Opened first: a former server's list of a mailbox that was never open here could come back when the index is lost.
            // INBOX answers for names that are no mailboxes.
            bool isMailbox = (await _account.ListAsync(ct)).Any(m => m.Name == name && m.Exists);
            Result<Mailbox> opened = await _account.FindAsync(isMailbox ? name : MailboxName.Inbox, ct);
            if (!opened.Ok)
                return opened.Error;

            using (await _account.Catalog.EnterAsync(ct))
            {
                AccessList present = await _account.Index.ReadAsync(index => Effective(index, name), ct);
                List<AclEntry> entries = [.. present.Entries.Where(entry => entry.Identifier != identifier)];
                if (rights != AclRights.None)
                    entries.Add(new(identifier, rights));
                if (entries.Count > AccessList.MaxEntries)
                    return StoreError.OverQuota;
                await _account.Index.CommitAsync(index => AclTable.Replace(index, name, entries), ct);
                return default(Nothing);
            }
        });

    /// <summary>Takes one entry out. One that is not there is no error (RFC 4314 §3.2).</summary>
    public ValueTask<Result<Nothing>> DeleteAsync(MailboxName name, AclIdentifier identifier, CancellationToken ct)
        => SetAsync(name, identifier, AclRights.None, ct);

    private static bool IsPermitted(AclIdentifier identifier, AclRights rights) => identifier switch
    {
        { Subject: AclSubject.Owner, IsNegative: false } => rights.HasFlag(AccessList.OwnersForGood),
        { Subject: AclSubject.Owner } => (rights & AccessList.OwnersForGood) == 0,
        { IsAdministrators: true, IsNegative: false } => rights == AclRights.All,
        { IsAdministrators: true } => rights == AclRights.None,
        _ => true,
    };

    private static AccessList Effective(IndexConnection index, MailboxName name)
    {
        for (MailboxName? at = name; at is not null; at = at.Parent)
        {
            List<AclEntry> entries = AclTable.Load(index, at);
            if (entries.Count > 0)
                return new(entries);
        }

        return AccessList.Private;
    }

    /// <summary>Whether there is a mailbox of this name or one below it. Looking also takes over what a former server left.</summary>
    private async Task<bool> IsNameAsync(MailboxName name, CancellationToken ct)
        => (await _account.ListAsync(ct)).Any(info => info.Name == name && (info.Exists || info.HasChildren));
}
