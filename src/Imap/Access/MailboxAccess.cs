using FullStack.Auth.Backends;
using FullStack.Imap.Grammar;
using FullStack.Imap.Server;
using FullStack.Store;
using FullStack.Store.Accounts;
using FullStack.Store.Acl;
using FullStack.Store.Mailboxes;
using Microsoft.Extensions.Logging;

namespace FullStack.Imap.Access;

/// <summary>Finds mailboxes for a user, his own and those of others, with what he may do with them. All commands come to mailboxes this way.</summary>
/// <remarks>
/// RFC 4314 §4 and §6: who may not look a mailbox up hears what he would hear if it did not exist. Another's account is opened only where the
/// directories have it, under a name that was checked.
/// </remarks>
internal sealed class MailboxAccess(Account own, SharingOptions options, AccountBackends accounts, MailStore store, ILogger logger)
{
    private static readonly string[] Administrators = [AclIdentifier.Administrators], NoGroups = [];

    public MailboxNamespaces Namespaces { get; } = new(options, own.Name);

    public AccountName User => own.Name;

    /// <summary>Whether the user has every right everywhere.</summary>
    public bool IsAdministrator { get; } = options.Administrators.Contains(own.Name.ToString(), StringComparer.OrdinalIgnoreCase);

    private string[] Groups => IsAdministrator ? Administrators : NoGroups;

    /// <summary>Finds a mailbox for something that needs rights.</summary>
    /// <param name="name">Its name.</param>
    /// <param name="needed">All that is needed.</param>
    /// <param name="ct">Ends the wait.</param>
    /// <returns>The mailbox, to be disposed; <see cref="StoreError.NotFound"/> also where the user may not know of it, <see cref="StoreError.Denied"/> where he may.</returns>
    public async ValueTask<Result<MailboxPlace>> FindAsync(MailboxName name, AclRights needed, CancellationToken ct)
    {
        Result<MailboxPlace> found = await LocateAsync(name, ct);
        if (!found.Ok || found.Value.Has(needed))
            return found;
        using (found.Value)
            return found.Value.Has(AclRights.Lookup) ? StoreError.Denied : StoreError.NotFound;
    }

    /// <summary>Finds a mailbox with which the user may do any of some things.</summary>
    public async ValueTask<Result<MailboxPlace>> FindAnyAsync(MailboxName name, AclRights any, CancellationToken ct)
    {
        Result<MailboxPlace> found = await LocateAsync(name, ct);
        if (!found.Ok || (found.Value.Rights & any) != 0)
            return found;
        using (found.Value)
            return StoreError.NotFound;
    }

    /// <summary>
    /// The place of a mailbox that is to be made: <c>k</c> is needed on the nearest name above it that is there (RFC 4314 §4). At the top of
    /// his own mailboxes a user makes what he wants; above the top of another's is that one's INBOX.
    /// </summary>
    public async ValueTask<Result<MailboxPlace>> FindForNewAsync(MailboxName name, CancellationToken ct)
    {
        Result<(Account Account, MailboxName Inner, AccountLease? Lease)> opened = await OpenAsync(name, ct);
        if (!opened.Ok)
            return opened.Error == StoreError.NotFound ? StoreError.Denied : opened.Error;
        (Account account, MailboxName inner, AccountLease? lease) = opened.Value;
        Result<KnownRights> above = await RightsAboveAsync(account, inner, isForeign: lease is not null, ct);
        StoreError error = !above.Ok ? above.Error : above.Value.Rights.HasFlag(AclRights.Create) ? StoreError.None : StoreError.Denied;
        if (error == StoreError.None && lease is not null)
        {
            // That a mailbox cannot be made because there is one is for those to know who may know of it.
            Result<KnownRights> present = await RightsAsync(account, inner, ct);
            error = present.Ok && !present.Value.Rights.HasFlag(AclRights.Lookup) ? StoreError.Denied : StoreError.None;
        }

        if (error == StoreError.None)
            return new MailboxPlace(account, inner, name, above.Value, lease);
        lease?.Dispose();
        return error;
    }

    /// <summary>
    /// The refusal of a command that puts messages into a mailbox. TRYCREATE comes unless "it is certain that the destination mailbox
    /// can not be created" (RFC 3501 §6.3.11), which it is where the user may not make it.
    /// </summary>
    public async ValueTask<ImapCompletion> NoTargetAsync(MailboxName name, StoreError error, CancellationToken ct)
    {
        if (error != StoreError.NotFound)
            return ImapCompletion.No(error);
        Result<MailboxPlace> parent = await FindForNewAsync(name, ct);
        if (!parent.Ok)
            return ImapCompletion.No(error);
        parent.Value.Dispose();
        return ImapCompletion.NoTarget(error);
    }

    /// <summary>What the user may do with a mailbox that was found before, as it is now.</summary>
    /// <param name="place">The mailbox.</param>
    /// <param name="name">Its name, should it have another by now.</param>
    /// <param name="ct">Ends the wait.</param>
    public ValueTask<Result<KnownRights>> RightsAsync(MailboxPlace place, MailboxName name, CancellationToken ct) => RightsAsync(place.Account, name, ct);

    private AccountName? OwnerOf(MailboxName name) => Namespaces.TryResolve(name, out AccountName? owner, out _) ? owner : null;

    private async ValueTask<Result<MailboxPlace>> LocateAsync(MailboxName name, CancellationToken ct)
    {
        Result<(Account Account, MailboxName Inner, AccountLease? Lease)> opened = await OpenAsync(name, ct);
        if (!opened.Ok)
            return opened.Error;
        (Account account, MailboxName inner, AccountLease? lease) = opened.Value;
        Result<KnownRights> rights = await RightsAsync(account, inner, ct);
        if (!rights.Ok)
        {
            lease?.Dispose();
            return rights.Error;
        }

        MailboxName shown = lease is null ? inner : Namespaces.NameOf(account.Name, inner) ?? name;
        return new MailboxPlace(account, inner, shown, rights.Value, lease);
    }

    private async ValueTask<Result<(Account Account, MailboxName Inner, AccountLease? Lease)>> OpenAsync(MailboxName name, CancellationToken ct)
    {
        if (!Namespaces.IsForeign(name))
            return (own, name, null);
        if (!Namespaces.TryResolve(name, out AccountName? owner, out MailboxName? inner))
            return StoreError.NotFound;
        Result<AccountLease> lease = await LeaseAsync(owner, ct);
        return lease.Ok ? (lease.Value.Account, inner, lease.Value) : lease.Error;
    }

    /// <summary>All mailboxes and names that LIST may tell the user: his own, then those of others that he may look up; each part sorted.</summary>
    /// <param name="patterns">What is asked for: accounts of which no name can match are left alone.</param>
    /// <param name="onlySubscribed">Whether only names count that the user subscribed to.</param>
    /// <param name="ct">Ends the wait.</param>
    /// <exception cref="IOException">The index of the user's account cannot be used now.</exception>
    public async ValueTask<IReadOnlyList<MailboxInfo>> ListAsync(IReadOnlyList<MailboxPattern> patterns, bool onlySubscribed, CancellationToken ct)
    {
        IReadOnlyList<MailboxInfo> all = await own.ListAsync(ct);
        HashSet<MailboxName> subscribed = [.. all.Where(info => info.Subscribed && Namespaces.IsForeign(info.Name)).Select(static info => info.Name)];
        IEnumerable<AccountName> owners = onlySubscribed ? [.. subscribed.Select(OwnerOf).OfType<AccountName>().Distinct()] : store.Shares.OfferedTo(User, Groups);
        AccountName[] asked = [.. owners.Where(owner => Namespaces.NameOf(owner, MailboxName.Inbox) is { } root && patterns.Any(pattern => pattern.CanMatchFrom(root)))];
        if (asked.Length + subscribed.Count == 0)
            return all;
        return [.. all.Where(info => !Namespaces.IsForeign(info.Name)), .. await new SharedListing(this, subscribed).ReadAsync(asked, ct)];
    }

    /// <summary>What LIST tells of one mailbox; null where it is gone.</summary>
    public async ValueTask<MailboxInfo?> InfoAsync(MailboxPlace place, CancellationToken ct)
    {
        if (!place.IsForeign)
            return (await own.ListAsync(ct)).FirstOrDefault(info => info.Name == place.Name);

        // Of another's, neither what lies below it unseen nor what it is for its owner.
        IReadOnlyList<MailboxInfo> visible = await new SharedListing(this, new HashSet<MailboxName>()).ReadAsync([place.Account.Name], ct);
        return visible.FirstOrDefault(info => info.Name == place.Shown) ?? new(place.Shown, true, false, false, SpecialUse.None);
    }

    /// <summary>The name that a subscription is kept under: the one spelling of the mailbox.</summary>
    public MailboxName NameOfSubscription(MailboxName name)
        => Namespaces.TryResolve(name, out AccountName? owner, out MailboxName? inner) ? Namespaces.NameOf(owner, inner) ?? name : name;

    /// <summary>The mailboxes of an account that the user may look up.</summary>
    public async ValueTask<Result<IReadOnlyList<MailboxName>>> VisibleAsync(Account account, CancellationToken ct)
    {
        try
        {
            MailboxName[] names = [.. (await account.ListAsync(ct)).Where(static info => info.Exists).Select(static info => info.Name)];
            Result<IReadOnlyList<AclRights>> rights = await account.Access.RightsAsync(names, User, Groups, ct);
            return rights.Ok ? names.Where((_, i) => rights.Value[i].HasFlag(AclRights.Lookup)).ToArray() : rights.Error;
        }
        catch (IOException e)
        {
            ImapLog.LookUpFailed(logger, account.Name.ToString(), e.Message);
            return StoreError.Unavailable; // One account that cannot be read is no reason to list nothing.
        }
    }

    /// <summary>Sets an account's limits, for an administrator; those of accounts in other directories are set there.</summary>
    public StoreError SetQuota(AccountName account, DirectoryQuota quota)
    {
        try
        {
            return accounts.BuiltIn.SetUserQuota(account.ToString(), quota) == DirectoryOutcome.Done ? StoreError.None : StoreError.NotFound;
        }
        catch (DirectoryUnavailableException e)
        {
            ImapLog.LookUpFailed(logger, account.ToString(), e.Message);
            return StoreError.Unavailable;
        }
    }

    /// <summary>Opens another's account, if there is one.</summary>
    public async ValueTask<Result<AccountLease>> LeaseAsync(AccountName owner, CancellationToken ct)
    {
        try
        {
            if (await accounts.FindUserAsync(owner.ToString(), ct) is null)
                return StoreError.NotFound;
        }
        catch (DirectoryUnavailableException e)
        {
            ImapLog.LookUpFailed(logger, owner.ToString(), e.Message);
            return StoreError.Unavailable;
        }

        return await store.OpenAccountAsync(owner, ct);
    }

    private async ValueTask<Result<KnownRights>> RightsAboveAsync(Account account, MailboxName inner, bool isForeign, CancellationToken ct)
    {
        for (MailboxName? parent = inner.Parent; parent is not null; parent = parent.Parent)
        {
            Result<KnownRights> rights = await RightsAsync(account, parent, ct);
            if (rights.Error != StoreError.NotFound)
                return rights;
        }

        return isForeign ? await RightsAsync(account, MailboxName.Inbox, ct) : new KnownRights(AclRights.All, account.Access.Version);
    }

    private async ValueTask<Result<KnownRights>> RightsAsync(Account account, MailboxName inner, CancellationToken ct)
    {
        int version = account.Access.Version; // Before the rights: a change in between is then seen at the next look.
        Result<AclRights> rights = await account.Access.RightsAsync(inner, User, Groups, ct);
        return rights.Ok ? new KnownRights(rights.Value, version) : rights.Error;
    }
}
