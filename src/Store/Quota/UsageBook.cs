using System.Collections.Concurrent;
using System.Text;
using FullStack.Store.Accounts;
using FullStack.Store.Maildir;
using FullStack.Store.Places;
using FullStack.Store.Posix;

namespace FullStack.Store.Quota;

/// <summary>What all accounts of the store keep: sums of domains, and the file from which they come back after a restart.</summary>
internal sealed class UsageBook(StoreContext store) : IDisposable
{
    private static readonly TimeSpan WriteDelay = TimeSpan.FromSeconds(1);

    private readonly ConcurrentDictionary<string, DomainUsage> _domains = new();
    private readonly Lock _gate = new();
    private readonly AsyncLock _writing = new();
    private HashSet<AccountUsage> _unwritten = [];
    private ITimer? _timer;
    private bool _isClosed;

    public UsageFile File { get; } = new(Path.Combine(store.Options.Root, UsageFile.Name), isReadOnly: false, store.Log);

    /// <summary>Opens an account and counts it; set by the store.</summary>
    public Func<AccountName, CancellationToken, Task>? Count { get; set; }

    public DomainUsage DomainOf(AccountName name) => _domains.GetOrAdd(AccountFolders.Encode(name.Domain), static folder => new(folder));

    /// <summary>Writes an account's numbers down soon.</summary>
    public void Post(AccountUsage account)
    {
        lock (_gate)
        {
            if (_isClosed)
                return;
            _unwritten.Add(account);
            _timer ??= store.Time.CreateTimer(_ => _ = WriteBehindAsync(), null, WriteDelay, Timeout.InfiniteTimeSpan);
        }
    }

    /// <summary>Writes down what waits for it.</summary>
    public async Task WriteAsync()
    {
        using (await _writing.EnterAsync(CancellationToken.None))
        {
            HashSet<AccountUsage> accounts;
            lock (_gate)
            {
                (accounts, _unwritten) = (_unwritten, []);
                _timer?.Dispose();
                _timer = null;
            }

            UsageChanges[] changes = [.. accounts.Select(static a => a.Ledger.TakeUnwritten()).OfType<UsageChanges>()];
            if (changes.Length == 0)
                return;
            await store.Disk.RunAsync(() =>
            {
                File.Write(changes);
                return default(Nothing);
            });
        }
    }

    /// <summary>Makes sure that all accounts of a domain are counted in: once for each life of the process, where the domain has a limit.</summary>
    /// <exception cref="IOException">The domain's folder, or one in it, cannot be read.</exception>
    public async Task CompleteAsync(DomainUsage domain, CancellationToken ct)
    {
        if (domain.IsComplete)
            return;
        using (await domain.Loading.EnterAsync(ct))
        {
            if (domain.IsComplete)
                return;
            (List<AccountName> accounts, List<(string Account, QuotaAmount Amount, bool IsSure)> rows) = await store.Disk.RunAsync(
                () => (ListAccounts(store, domain.Folder), File.LoadDomain(domain.Folder)), ct);
            HashSet<string> there = [.. accounts.Select(static a => AccountFolders.Encode(a.User))];
            lock (domain.Lock)
            {
                foreach ((string account, QuotaAmount amount, bool _) in rows.Where(row => there.Contains(row.Account)))
                    domain.ReportFormer(account, amount);
            }

            // Those whose numbers are not sure: never counted, or open when the last server ended.
            HashSet<string> sure = [.. rows.Where(static row => row.IsSure).Select(static row => row.Account)];
            foreach (AccountName name in accounts.Where(a => !sure.Contains(AccountFolders.Encode(a.User))))
                await CountAsync(name, ct);
            domain.IsComplete = true;
        }
    }

    /// <summary>Writes no more. What waited is lost, as it would be in a crash, unless <see cref="WriteAsync"/> came before.</summary>
    public void Dispose()
    {
        lock (_gate)
        {
            _isClosed = true;
            _timer?.Dispose();
            _unwritten.Clear();
        }

        File.Dispose();
    }

    /// <summary>The accounts that have a folder in a domain's. Blocks.</summary>
    /// <exception cref="IOException">The folder cannot be listed.</exception>
    public static List<AccountName> ListAccounts(StoreContext store, string domainFolder)
    {
        FilePath path = FilePath.Of(Path.Combine(store.Options.Root, domainFolder));
        List<AccountName> accounts = [];
        FileError listed = store.Files.List(path, folder =>
        {
            if (AccountFolders.TryDecode(domainFolder, out string? domain) && AccountFolders.TryDecode(Encoding.UTF8.GetString(folder), out string? user)
                && AccountName.TryCreate(user, domain, out AccountName? name))
                accounts.Add(name);
        });

        // What an administrator or the file system put there beside them is nobody's mail.
        accounts.RemoveAll(name => !HasMail(store, name));
        return listed is FileError.None or FileError.NotFound ? accounts : throw new IOException($"cannot list {path}: {listed}");
    }

    private static bool HasMail(StoreContext store, AccountName name)
    {
        try
        {
            IMailHome home = store.Format.Home(name, AccountPlace.Recorded(store.Files, store.Options.Root, name));
            return store.Files.Stat(home.Path, out FileFacts facts) == FileError.None && facts.IsDirectory;
        }
        catch (IOException)
        {
            return true; // Where it is cannot be read: who opens it is told.
        }
    }

    /// <summary>One account that cannot be read is no reason to refuse mail for the others of its domain.</summary>
    private async Task CountAsync(AccountName name, CancellationToken ct)
    {
        try
        {
            await Count!(name, ct);
        }
        catch (IOException e)
        {
            StoreLog.UsageUnknown(store.Log, name.ToString(), e.Message);
        }
    }

    private async Task WriteBehindAsync()
    {
        try
        {
            await WriteAsync();
        }
        catch (ObjectDisposedException)
        {
            // The store is closing and has written all already.
        }
    }
}
