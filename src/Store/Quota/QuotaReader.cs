using FullStack.Store.Accounts;
using FullStack.Store.Maildir;
using FullStack.Store.Places;
using FullStack.Store.Posix;
using Microsoft.Extensions.Logging.Abstractions;

namespace FullStack.Store.Quota;

/// <summary>Finds out what accounts keep, beside a server that may be at work, without changing anything.</summary>
/// <remarks>What another program adds or removes meanwhile may be counted or not.</remarks>
public sealed class QuotaReader : IDisposable
{
    private readonly StoreContext _store;
    private readonly UsageFile _file;

    public QuotaReader(StoreOptions options)
    {
        _store = new(options, MailStore.FilesOf(options), TimeProvider.System, NullLogger.Instance, NoQuotaLimits.Instance);
        _file = new(Path.Combine(options.Root, UsageFile.Name), isReadOnly: true, NullLogger.Instance);
    }

    /// <summary>What one account keeps; nothing where it has no mail yet.</summary>
    /// <exception cref="IOException">A folder cannot be read.</exception>
    public async Task<QuotaAmount> ReadAsync(AccountName name, CancellationToken ct)
    {
        Dictionary<string, UsageRow> known = _file.Load(AccountFolders.Encode(name.Domain), AccountFolders.Encode(name.User)).ToDictionary(static row => row.Entry);
        IMailHome home = await _store.Disk.RunAsync(() => _store.Format.Home(name, AccountPlace.Recorded(_store.Files, _store.Options.Root, name)), ct);
        MailboxCounts counts = new(_store, home, static _ => null);
        QuotaAmount sum = default;
        foreach (string entry in await counts.ListAsync(ct))
        {
            UsageRow row = known.GetValueOrDefault(entry);
            sum += await counts.CountAsync(entry, row.Stamp, ct) is { } counted ? counted.Amount : row.Stamp != 0 ? row.Amount : default;
        }

        return sum;
    }

    /// <summary>What all accounts of a domain keep together: also those that are no longer in any directory, as long as their mail is there.</summary>
    /// <exception cref="IOException">A folder cannot be read.</exception>
    public async Task<QuotaAmount> ReadDomainAsync(string domain, CancellationToken ct)
    {
        QuotaAmount sum = default;
        foreach (AccountName name in UsageBook.ListAccounts(_store, AccountFolders.Encode(domain)))
            sum += await ReadAsync(name, ct);
        return sum;
    }

    public void Dispose()
    {
        _file.Dispose();
        _store.Watcher.Dispose();
        _store.Usage.Dispose();
        _store.Disk.Dispose();
    }
}
