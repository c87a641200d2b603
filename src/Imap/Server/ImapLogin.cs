using FullStack.Store;
using FullStack.Store.Accounts;

namespace FullStack.Imap.Server;

/// <summary>What a session has from its login to its end: the account it keeps open.</summary>
internal sealed class ImapLogin(AccountLease lease) : IDisposable
{
    public Account Account => lease.Account;

    public void Dispose() => lease.Dispose();
}
