using FullStack.Store.Acl;
using FullStack.Store.Feed;
using FullStack.Store.Index;
using FullStack.Store.Mailboxes;

namespace FullStack.Store.Accounts;

/// <summary>The access lists of an account's mailboxes (RFC 4314). Who may change them is for the caller to ask.</summary>
public sealed class AccountAccess
{
    private readonly Account _account;
    private readonly ShareRegister _shares;
    private readonly Lock _gate = new();
    private AccessLists? _lists; // null: to be read from the index
    private int _version;

    internal AccountAccess(Account account, ShareRegister shares) => (_account, _shares) = (account, shares);

    /// <summary>Grows with each change that rights may hang on, so that who remembers rights knows when to ask again.</summary>
    public int Version => Volatile.Read(ref _version);

    /// <summary>The list that counts for a mailbox: its own, else that of the nearest name above, else <see cref="AccessList.Private"/>.</summary>
    public ValueTask<Result<AccessList>> ListAsync(MailboxName name, CancellationToken ct)
        => _account.GuardAsync<AccessList>(async () => await IsNameAsync(name, ct) ? (await ReadAsync(ct)).Of(name) : StoreError.NotFound);

    /// <summary>What somebody may do with a mailbox.</summary>
    /// <param name="name">The mailbox, or a name that only has mailboxes below it.</param>
    /// <param name="user">Who asks; null who has not logged in.</param>
    /// <param name="groups">The groups that the user is in.</param>
    /// <param name="ct">Ends the wait.</param>
    public async ValueTask<Result<AclRights>> RightsAsync(MailboxName name, AccountName? user, IReadOnlyCollection<string> groups, CancellationToken ct)
    {
        Result<AccessList> list = await ListAsync(name, ct);
        return list.Ok ? list.Value.RightsOf(_account.Name, user, groups) : list.Error;
    }

    /// <summary>What somebody may do with names of which the caller knows that they are there.</summary>
    /// <returns>One value for each name, in order.</returns>
    public ValueTask<Result<IReadOnlyList<AclRights>>> RightsAsync(
        IReadOnlyList<MailboxName> names, AccountName user, IReadOnlyCollection<string> groups, CancellationToken ct)
        => _account.GuardAsync<IReadOnlyList<AclRights>>(async () =>
        {
            AccessLists lists = await ReadAsync(ct);
            return names.Select(name => lists.Of(name).RightsOf(_account.Name, user, groups)).ToArray();
        });

    /// <summary>
    /// Changes one entry; one that has no rights then is taken out. A mailbox without a list of its own gets the inherited one first. The
    /// owner's entry keeps what an owner cannot lose.
    /// </summary>
    /// <returns>
    /// <see cref="StoreError.NotPermitted"/> where administrators would lose anything;
    /// <see cref="StoreError.OverQuota"/> where the list is as long as it may be.
    /// </returns>
    public ValueTask<Result<Nothing>> ChangeAsync(MailboxName name, AclIdentifier identifier, AclChange change, CancellationToken ct)
        => ReplaceAsync(
            name,
            list =>
            {
                AclIdentifier known = identifier.In(_account.Name);
                AclRights present = list.Entries.FirstOrDefault(entry => entry.Identifier == known)?.Rights ?? AclRights.None;
                AclRights rights = Kept(known, change.Apply(present));
                IEnumerable<AclEntry> others = list.Entries.Where(entry => entry.Identifier != known);
                return !IsPermitted(known, rights) ? StoreError.NotPermitted
                    : new AccessList([.. rights == AclRights.None ? others : others.Append(new(known, rights))]);
            },
            ct);

    /// <summary>Takes one entry out. One that is not there is no error (RFC 4314 §3.2).</summary>
    public ValueTask<Result<Nothing>> DeleteAsync(MailboxName name, AclIdentifier identifier, CancellationToken ct)
        => ReplaceAsync(
            name,
            list =>
            {
                AclIdentifier known = identifier.In(_account.Name);
                return !IsPermitted(known, AclRights.None) ? StoreError.NotPermitted : new AccessList([.. list.Entries.Where(entry => entry.Identifier != known)]);
            },
            ct);

    /// <summary>Gives a mailbox the list of another one as its own.</summary>
    public ValueTask<Result<Nothing>> CopyAsync(MailboxName from, MailboxName to, CancellationToken ct)
        => _account.GuardAsync<Nothing>(async () =>
        {
            AccessList list = (await ReadAsync(ct)).Of(from);
            return await ReplaceAsync(to, _ => list, ct);
        });

    /// <summary>The lists changed, or may have: they are read again when they are next asked for.</summary>
    internal void Forget()
    {
        lock (_gate)
        {
            _version++;
            _lists = null;
        }
    }

    private ValueTask<Result<Nothing>> ReplaceAsync(MailboxName name, Func<AccessList, Result<AccessList>> change, CancellationToken ct)
        => _account.ChangeAsync<Nothing>(async () =>
        {
            if (!await IsNameAsync(name, ct))
                return StoreError.NotFound;

            // Opened first: a former server's list of a mailbox that was never open here could come back when the index is lost.
            // INBOX answers for names that are no mailboxes.
            bool isMailbox = (await _account.ListAsync(ct)).Any(m => m.Name == name && m.Exists);
            Result<Mailbox> opened = await _account.Mailboxes.FindAsync(isMailbox ? name : MailboxName.Inbox, ct);
            if (!opened.Ok)
                return opened.Error;

            using (await _account.Catalog.EnterAsync(ct))
            {
                Result<AccessList> changed = change((await ReadAsync(ct)).Of(name));
                if (!changed.Ok)
                    return changed.Error;
                IReadOnlyList<AclEntry> entries = changed.Value.Entries;
                if (entries.Count > AccessList.MaxEntries)
                    return StoreError.OverQuota;

                // A list of its own, though nobody is on it: with none, the name above would decide.
                if (entries.Count == 0)
                    entries = [.. AccessList.Private.Entries.Where(static entry => entry.Identifier.IsAdministrators)];
                await _account.Index.CommitAsync(index => AclTable.Replace(index, name, entries), ct);
                Forget();
                await ReadAsync(CancellationToken.None); // Others are to find it in their lists at once.
                return default(Nothing);
            }
        }, new AccountEvent.RightsChanged(name));

    private static AclRights Kept(AclIdentifier identifier, AclRights rights)
        => identifier.Subject != AclSubject.Owner ? rights
            : identifier.IsNegative ? rights & ~AccessList.OwnersForGood : rights | AccessList.OwnersForGood;

    private static bool IsPermitted(AclIdentifier identifier, AclRights rights)
        => !identifier.IsAdministrators || rights == (identifier.IsNegative ? AclRights.None : AclRights.All);

    private async ValueTask<AccessLists> ReadAsync(CancellationToken ct)
    {
        int version;
        lock (_gate)
        {
            if (_lists is not null)
                return _lists;
            version = _version;
        }

        AccessLists lists = new(_account.Name, await _account.Index.ReadAsync(AclTable.LoadAll, ct));
        lock (_gate)
        {
            if (version == _version)
            {
                _lists = lists;
                _shares.Set(_account.Name, lists);
            }
        }

        return lists;
    }

    /// <summary>Whether there is a mailbox of this name or one below it. Looking also takes over what a former server left.</summary>
    private async ValueTask<bool> IsNameAsync(MailboxName name, CancellationToken ct)
    {
        if (_account.Mailboxes.Opened(name) is { IsLoaded: true })
            return true;
        if (_account.Catalog.HasName(name))
            return true;
        using (await _account.Catalog.EnterAsync(ct))
            await _account.Catalog.RefreshAsync(ct);
        return _account.Catalog.HasName(name);
    }
}
