using System.Collections.Immutable;
using FullStack.Store.Accounts;
using FullStack.Store.Index;
using FullStack.Store.Mailboxes;

namespace FullStack.Store.Identity;

/// <summary>One entry of metadata to be set.</summary>
/// <param name="Entry">Its name, <c>/private/…</c> or <c>/shared/…</c>, in any case.</param>
/// <param name="Value">Its value, which may be empty; null takes the entry away.</param>
public readonly record struct MetadataChange(string Entry, byte[]? Value);

/// <summary>
/// Metadata of an account's mailboxes and of the account itself (RFC 5464). It survives the index, in the lists beside the
/// mailboxes and in the account's own file. Who may see and set what is for the caller to ask.
/// </summary>
/// <remarks>
/// Entries are properties. Those of <c>/shared</c> and the owner's own of <c>/private</c> are kept under their names; a private
/// one of another user under <c>~user@domain</c> and its name. Changes are committed to the index before they are acknowledged;
/// a crash leaves all changes of a call or none.
/// </remarks>
public sealed class AccountMetadata
{
    /// <summary>Longest name of an entry, in characters.</summary>
    public const int MaxNameLength = 255;

    private const string Private = "/private/", Shared = "/shared/";

    private readonly Account _account;
    private readonly StoreOptions _options;
    private ImmutableArray<MetadataWatch> _watches = [];

    internal AccountMetadata(Account account, StoreOptions options) => (_account, _options) = (account, options);

    /// <summary>Longest value of an entry.</summary>
    public int MaxValueOctets => _options.MetadataValueLimit;

    /// <summary>All entries that a user may see, by their names in lower case.</summary>
    /// <param name="name">The mailbox; null: the account.</param>
    /// <param name="user">Whose private entries are meant.</param>
    public ValueTask<Result<IReadOnlyDictionary<string, byte[]>>> ReadAsync(MailboxName? name, AccountName user, CancellationToken ct)
        => _account.GuardAsync<IReadOnlyDictionary<string, byte[]>>(async () =>
        {
            await _account.Catalog.EnsureKnownAsync(ct);
            Result<long> id = await IdOfAsync(name, ct);
            if (!id.Ok)
                return id.Error;
            long mailbox = id.Value;
            Dictionary<string, byte[]?> entries = await _account.Index.ReadAsync(index => PropertyTable.Load(index, mailbox), ct);
            Dictionary<string, byte[]> visible = new(StringComparer.Ordinal);
            foreach ((string key, byte[]? value) in entries)
            {
                if (value is not null && NameFor(user, key) is { } entry)
                    visible[entry] = value;
            }

            return visible;
        });

    /// <summary>Sets entries, all or none. When it returns, a success is durable.</summary>
    /// <param name="name">The mailbox; null: the account.</param>
    /// <param name="user">Whose private entries are meant.</param>
    /// <param name="changes">What to set; of two for one entry the later one counts.</param>
    /// <param name="by">The watch that needs not hear of it.</param>
    /// <param name="ct">Ends the wait for the lock.</param>
    /// <returns>
    /// <see cref="StoreError.BadName"/> where a name is none of <c>/private/…</c> or <c>/shared/…</c>;
    /// <see cref="StoreError.TooBig"/> and <see cref="StoreError.OverQuota"/> where a bound is passed.
    /// </returns>
    public async ValueTask<Result<Nothing>> SetAsync(
        MailboxName? name, AccountName user, IReadOnlyList<MetadataChange> changes, MetadataWatch? by, CancellationToken ct)
    {
        if (!changes.All(static change => IsEntry(change.Entry)))
            return StoreError.BadName;
        if (changes.Any(change => change.Value?.Length > _options.MetadataValueLimit))
            return StoreError.TooBig;
        // Names are compared without case (RFC 5464 §3.2).
        Dictionary<string, byte[]?> values = new(StringComparer.Ordinal);
        foreach (MetadataChange change in changes)
            values[change.Entry.ToLowerInvariant()] = change.Value;
        Result<Nothing> set = name is null
            ? await _account.ChangeAsync(() => PutAsync(user, values, ct))
            : await _account.GuardAsync(() => PutAsync(name, user, values, ct));
        if (set.Ok)
            Announce(name, user, values.Keys, by);
        return set;
    }

    /// <summary>Begins to take note of what others change that a user may see.</summary>
    /// <param name="user">Who watches.</param>
    /// <param name="onlyAccount">Whether only entries of the account itself count.</param>
    public MetadataWatch Watch(AccountName user, bool onlyAccount = false)
    {
        MetadataWatch watch = new(user, ended => ImmutableInterlocked.Update(ref _watches, static (watches, w) => watches.Remove(w), ended))
        {
            OnlyAccount = onlyAccount,
        };
        ImmutableInterlocked.Update(ref _watches, static (watches, w) => watches.Add(w), watch);
        return watch;
    }

    /// <summary>Whether there can be an entry of this name: <c>/private</c> or <c>/shared</c> and something below.</summary>
    public static bool IsEntry(string name)
        => name.Length <= MaxNameLength
            && (name.StartsWith(Private, StringComparison.OrdinalIgnoreCase) || name.StartsWith(Shared, StringComparison.OrdinalIgnoreCase))
            && !name.EndsWith('/') && !name.Contains("//", StringComparison.Ordinal)
            && !name.AsSpan().ContainsAny('*', '%') && !name.AsSpan().ContainsAnyExceptInRange(' ', '~');

    /// <summary>Gives a mailbox the entries that another has, all users' (RFC 5464 §4.1: INBOX keeps its own when it is renamed).</summary>
    /// <returns><see cref="StoreError.OverQuota"/> where the account has no room for them.</returns>
    /// <exception cref="IOException">The index cannot be used.</exception>
    internal async Task<StoreError> CopyAsync(Mailbox from, MailboxName to, CancellationToken ct)
    {
        Result<Mailbox> target = await _account.Mailboxes.FindAsync(to, ct);
        if (!target.Ok)
            return target.Error;
        using (await target.Value.EnterAsync(ct))
        {
            if (!target.Value.IsLoaded)
                return target.Value.Store.PutOff("copying metadata", target.Value.Folder.Path, StoreContext.Closed);
            (long source, long id) = (from.Counters.Id, target.Value.Counters.Id);
            bool hasRoom = true;
            await _account.Index.CommitAsync(index =>
            {
                if (hasRoom = _account.Index.Room.TryTake(index, PropertyTable.Load(index, source).Sum(static pair => MetadataRoom.OctetsOf(pair.Key, pair.Value))))
                    PropertyTable.Copy(index, source, id);
            }, ct);
            if (!hasRoom)
                return StoreError.OverQuota;
            target.Value.List.TouchProperties();
            return StoreError.None;
        }
    }

    private async Task<Result<long>> IdOfAsync(MailboxName? name, CancellationToken ct)
    {
        if (name is null)
            return PropertyTable.Account;
        using (await _account.Catalog.EnterAsync(ct))
        {
            // What only the list beside the mailbox knows comes into the index when the mailbox is opened; other mailboxes need not be.
            if (await _account.Catalog.FindAsync(name, ct) is { Origin: not MailboxOrigin.Waiting } row)
                return row.Id;
        }

        Result<Mailbox> found = await _account.Mailboxes.FindAsync(name, ct);
        return found.Ok ? found.Value.Counters.Id : found.Error;
    }

    private async Task<Result<Nothing>> PutAsync(AccountName user, Dictionary<string, byte[]?> values, CancellationToken ct)
    {
        Result<bool> put = await PutAsync(PropertyTable.Account, user, values, ct);
        return put.Ok ? default(Nothing) : put.Error;
    }

    private async Task<Result<Nothing>> PutAsync(MailboxName name, AccountName user, Dictionary<string, byte[]?> values, CancellationToken ct)
    {
        Result<Mailbox> found = await _account.Mailboxes.FindAsync(name, ct);
        if (!found.Ok)
            return found.Error;
        using (await found.Value.EnterAsync(ct))
        {
            if (!found.Value.IsLoaded)
                return found.Value.Store.PutOff("setting metadata", found.Value.Folder.Path, StoreContext.Closed);
            Result<bool> put = await PutAsync(found.Value.Counters.Id, user, values, ct);
            if (!put.Ok)
                return put.Error;
            found.Value.List.TouchProperties(anew: put.Value);
            return default(Nothing);
        }
    }

    /// <returns>Whether entries that were taken away before have left no trace any more.</returns>
    private async Task<Result<bool>> PutAsync(long id, AccountName user, Dictionary<string, byte[]?> values, CancellationToken ct)
    {
        Dictionary<string, byte[]?> present = await _account.Index.ReadAsync(index => PropertyTable.Load(index, id), ct);
        Dictionary<string, byte[]?> after = new(present, StringComparer.Ordinal);
        int added = 0;
        foreach ((string entry, byte[]? value) in values)
        {
            string key = KeyOf(user, entry);
            added += (value is null ? 0 : 1) - (after.GetValueOrDefault(key) is null ? 0 : 1);
            if (value is not null || after.ContainsKey(key))
                after[key] = value;
        }

        if (added > 0 && after.Count(pair => pair.Value is not null && NameFor(user, pair.Key) is not null) > _options.MetadataEntryLimit)
            return StoreError.OverQuota;
        // An entry that was taken away stays as one without value, for the list beside the mailbox has to learn of it. Not too many.
        bool isMany = after.Count(static pair => pair.Value is null) > _options.MetadataEntryLimit;
        string[] keys = [.. values.Keys.Select(entry => KeyOf(user, entry)).Where(after.ContainsKey)];
        long growth = keys.Sum(key => MetadataRoom.OctetsOf(key, after[key]) - MetadataRoom.OctetsOf(key, present.GetValueOrDefault(key)));
        bool hasRoom = true;
        await _account.Index.CommitAsync(index =>
        {
            if (!(hasRoom = _account.Index.Room.TryTake(index, growth)))
                return;
            if (isMany)
                PropertyTable.Purge(index, id);
            foreach (string key in keys)
                PropertyTable.Put(index, id, key, after[key]);
        }, ct);
        return hasRoom ? isMany : StoreError.OverQuota;
    }

    private void Announce(MailboxName? name, AccountName user, IEnumerable<string> entries, MetadataWatch? by)
    {
        foreach (MetadataWatch watch in _watches)
        {
            if (watch != by)
                watch.Note(name, entries.Where(entry => watch.User == user || entry.StartsWith(Shared, StringComparison.Ordinal)));
        }
    }

    private string KeyOf(AccountName user, string entry)
        => user == _account.Name || entry.StartsWith(Shared, StringComparison.Ordinal) ? entry : $"~{user}{entry}";

    /// <summary>What a user knows a property as; null where he does not see it.</summary>
    private string? NameFor(AccountName user, string key)
    {
        if (key.StartsWith(Shared, StringComparison.Ordinal))
            return key;
        string prefix = user == _account.Name ? "" : $"~{user}";
        return key.StartsWith(prefix + Private, StringComparison.Ordinal) ? key[prefix.Length..] : null;
    }
}
