using FullStack.Store.Accounts;

namespace FullStack.Store;

/// <summary>Keeps an account open.</summary>
public sealed class AccountLease : IDisposable
{
    private Action? _release;

    internal AccountLease(Account account, Action release) => (Account, _release) = (account, release);

    public Account Account { get; }

    public void Dispose() => Interlocked.Exchange(ref _release, null)?.Invoke();
}
