using FullStack.Store.Accounts;
using FullStack.Store.Mailboxes;
using Microsoft.Extensions.Logging;

namespace FullStack.Store;

/// <summary>All accounts of this server. One process has one; it holds the lock of its root folder.</summary>
public sealed class MailStore : IAsyncDisposable
{
    public MailStore(StoreOptions options, TimeProvider time, ILoggerFactory loggers) => throw new NotImplementedException();

    /// <summary>Opens an account, making its Maildir where there is none yet. The lease is shared; dispose it when done.</summary>
    public ValueTask<Result<AccountLease>> OpenAccountAsync(AccountName name, CancellationToken ct) => throw new NotImplementedException();

    /// <summary>Starts a message that will be delivered or appended: write its octets, then complete it.</summary>
    public StagedMessage Stage() => throw new NotImplementedException();

    /// <summary>
    /// Delivers one complete staged message into the INBOX of each account: written and synced once, hard-linked for
    /// the others where the file system allows. When it returns, each success is durable.
    /// </summary>
    /// <returns>One result for each account, in order.</returns>
    public ValueTask<IReadOnlyList<Result<Nothing>>> DeliverAsync(StagedMessage message, IReadOnlyList<AccountName> accounts, CancellationToken ct)
        => throw new NotImplementedException();

    /// <summary>Writes all indexes and closes everything.</summary>
    public ValueTask DisposeAsync() => throw new NotImplementedException();
}

/// <summary>Keeps an account open.</summary>
public sealed class AccountLease : IDisposable
{
    public Account Account => throw new NotImplementedException();
    public void Dispose() => throw new NotImplementedException();
}
