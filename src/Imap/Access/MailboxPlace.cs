using FullStack.Store;
using FullStack.Store.Accounts;
using FullStack.Store.Acl;
using FullStack.Store.Mailboxes;

namespace FullStack.Imap.Access;

/// <summary>A mailbox as a user reaches it: whose it is, what it is called there and here, and what he may do with it. Keeps another's account open.</summary>
/// <param name="account">Whose mailbox it is.</param>
/// <param name="name">Its name among that account's mailboxes.</param>
/// <param name="shown">Its name as the client knows it.</param>
/// <param name="rights">What the user may do, and as of which version of the access lists.</param>
/// <param name="lease">Keeps the account open; null for the user's own.</param>
internal sealed class MailboxPlace(Account account, MailboxName name, MailboxName shown, KnownRights rights, AccountLease? lease) : IDisposable
{
    private KnownRights _rights = rights;

    public Account Account => account;
    public MailboxName Name => name;
    public MailboxName Shown => shown;
    public AclRights Rights => _rights.Rights;

    /// <summary>Whether access lists have changed since the rights were found out.</summary>
    public bool IsOutdated => account.Access.Version != _rights.Version;

    /// <summary>Whether it is another account's.</summary>
    public bool IsForeign => lease is not null;

    /// <summary>Whether the user has all of these rights.</summary>
    public bool Has(AclRights needed) => Rights.HasFlag(needed);

    /// <summary>The kinds of flags that the user may change (RFC 4314 §4).</summary>
    public FlagKinds Flags
        => (Has(AclRights.Seen) ? FlagKinds.Seen : FlagKinds.None)
            | (Has(AclRights.DeleteMessages) ? FlagKinds.Deleted : FlagKinds.None)
            | (Has(AclRights.Write) ? FlagKinds.Others : FlagKinds.None);

    /// <summary>Whether the user may change anything in it: without any of these rights it is selected read-only (RFC 4314 §5.2).</summary>
    public bool IsWritable
        => (Rights & (AclRights.Insert | AclRights.Expunge | AclRights.Seen | AclRights.DeleteMessages | AclRights.Write)) != 0;

    /// <summary>The mailbox as the target of a copy, which keeps those flags that the user may set there.</summary>
    public TransferTarget Target => new(account, name, Flags);

    /// <summary>Takes note of what the rights are now.</summary>
    public void Renew(KnownRights rights) => _rights = rights;

    public void Dispose() => lease?.Dispose();
}

/// <summary>Rights, as of a version of an account's access lists.</summary>
internal readonly record struct KnownRights(AclRights Rights, int Version);
