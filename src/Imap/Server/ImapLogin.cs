using FullStack.Imap.Access;
using FullStack.Store;
using FullStack.Store.Accounts;

namespace FullStack.Imap.Server;

/// <summary>What a session has from its login to its end: the account it keeps open.</summary>
/// <param name="lease">Keeps the account open.</param>
/// <param name="access">Finds mailboxes for the user.</param>
/// <param name="presence">Says, until it is disposed, that the account has a session.</param>
/// <param name="identity">What the client called the user when it logged in.</param>
internal sealed class ImapLogin(AccountLease lease, MailboxAccess access, IDisposable presence, string identity) : IDisposable
{
    public Account Account => lease.Account;

    public MailboxAccess Access => access;

    /// <summary>Whether names of users are told with the domain, as the client itself wrote its own.</summary>
    public bool NamesHaveDomains { get; } = identity.Contains('@', StringComparison.Ordinal);

    public void Dispose()
    {
        presence.Dispose();
        lease.Dispose();
    }
}
