using FullStack.Store.Accounts;
using FullStack.Store.Index;
using FullStack.Store.Mailboxes;

namespace FullStack.Store.Identity;

/// <summary>
/// Metadata of an account's mailboxes and of the account itself (RFC 5464). It survives the index, in the lists beside the
/// mailboxes and in the account's own file.
/// </summary>
public sealed class AccountMetadata
{
    /// <summary>Longest value.</summary>
    public const int MaxValueOctets = 64 * 1024;

    /// <summary>Most entries of one mailbox, and of the account.</summary>
    public const int MaxEntries = 100;

    /// <summary>Longest name of an entry.</summary>
    public const int MaxNameLength = 255;

    private readonly Account _account;

    internal AccountMetadata(Account account) => _account = account;

    /// <summary>All entries by name.</summary>
    /// <param name="name">The mailbox; null: the account.</param>
    public ValueTask<Result<IReadOnlyDictionary<string, byte[]>>> ReadAsync(MailboxName? name, CancellationToken ct)
        => _account.GuardAsync<IReadOnlyDictionary<string, byte[]>>(async () =>
        {
            await _account.Catalog.EnsureKnownAsync(ct);
            long id = PropertyTable.Account;
            if (name is not null)
            {
                Result<Mailbox> found = await _account.FindAsync(name, ct);
                if (!found.Ok)
                    return found.Error;
                id = found.Value.Counters.Id;
            }

            Dictionary<string, byte[]> entries = await _account.Index.ReadAsync(index => PropertyTable.Load(index, id), ct);
            return entries.Where(static e => e.Value.Length > 0 && IsEntry(e.Key)).ToDictionary(static e => e.Key, static e => e.Value, StringComparer.Ordinal);
        });

    /// <summary>Sets one entry, durably; no value, or an empty one, takes it away.</summary>
    /// <returns>
    /// <see cref="StoreError.BadName"/> where the name is none of <c>/private/…</c> or <c>/shared/…</c>;
    /// <see cref="StoreError.TooBig"/> and <see cref="StoreError.OverQuota"/> where a bound is passed.
    /// </returns>
    public ValueTask<Result<Nothing>> SetAsync(MailboxName? name, string entry, byte[]? value, CancellationToken ct)
    {
        if (!IsEntry(entry))
            return new(StoreError.BadName);
        if (value?.Length > MaxValueOctets)
            return new(StoreError.TooBig);
        return name is null
            ? _account.ChangeAsync(() => PutAsync(PropertyTable.Account, entry, value ?? [], ct))
            : _account.GuardAsync(() => PutAsync(name, entry, value ?? [], ct));
    }

    private async Task<Result<Nothing>> PutAsync(MailboxName name, string entry, byte[] value, CancellationToken ct)
    {
        Result<Mailbox> found = await _account.FindAsync(name, ct);
        if (!found.Ok)
            return found.Error;
        using (await found.Value.EnterAsync(ct))
        {
            if (!found.Value.IsLoaded)
                return StoreError.Unavailable;
            Result<Nothing> put = await PutAsync(found.Value.Counters.Id, entry, value, ct);
            found.Value.List.TouchProperties();
            return put;
        }
    }

    private async Task<Result<Nothing>> PutAsync(long id, string entry, byte[] value, CancellationToken ct)
    {
        // Names are compared without case (RFC 5464 §3).
        string name = entry.ToLowerInvariant();
        Dictionary<string, byte[]> present = await _account.Index.ReadAsync(index => PropertyTable.Load(index, id), ct);
        if (!present.ContainsKey(name) && (value.Length == 0 || present.Values.Count(static v => v.Length > 0) >= MaxEntries))
            return value.Length == 0 ? default(Nothing) : StoreError.OverQuota;
        await _account.Index.CommitAsync(index =>
        {
            // An entry that was taken away stays as an empty one, for the list beside the mailbox has to learn of it. Not too many.
            if (present.Count >= 2 * MaxEntries)
                PropertyTable.Purge(index, id);
            PropertyTable.Put(index, id, name, value);
        }, ct);
        return default(Nothing);
    }

    private static bool IsEntry(string name)
    {
        string lower = name.ToLowerInvariant();
        return name.Length <= MaxNameLength && (lower.StartsWith("/private/", StringComparison.Ordinal) || lower.StartsWith("/shared/", StringComparison.Ordinal))
            && !name.EndsWith('/') && !name.Contains("//", StringComparison.Ordinal) && !name.AsSpan().ContainsAny('*', '%') && !name.AsSpan().ContainsAnyInRange('\0', '\x1f');
    }
}
