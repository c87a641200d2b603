using System.Security.Cryptography;
using FullStack.Store.Accounts;
using FullStack.Store.Index;

namespace FullStack.Store.Identity;

/// <summary>
/// Secret keys that a user has for mailboxes, his own and others', one for each: who has a proof made with one may see what the user
/// may. They survive the index, in the account's own file.
/// </summary>
public sealed class MailboxKeys
{
    /// <summary>Length of a key.</summary>
    public const int KeyOctets = 32;

    private const string Prefix = "key/";

    private readonly Account _account;

    internal MailboxKeys(Account account) => _account = account;

    /// <summary>The key for a mailbox; null where there is none.</summary>
    /// <param name="mailboxId">The mailbox's id (RFC 8474 §4).</param>
    /// <param name="ct">Ends the wait.</param>
    public ValueTask<Result<byte[]?>> FindAsync(string mailboxId, CancellationToken ct)
        => _account.GuardAsync<byte[]?>(async () =>
        {
            await _account.Catalog.EnsureKnownAsync(ct);
            return await _account.Index.ReadAsync(index => PropertyTable.Find(index, PropertyTable.Account, Prefix + mailboxId), ct);
        });

    /// <summary>The key for a mailbox, made now where there is none. When it returns, a new key is durable.</summary>
    public async ValueTask<Result<byte[]>> FindOrMakeAsync(string mailboxId, CancellationToken ct)
    {
        Result<byte[]?> found = await FindAsync(mailboxId, ct);
        if (!found.Ok)
            return found.Error;
        return found.Value is { } key ? key : await MakeAsync(mailboxId, replaces: false, ct);
    }

    /// <summary>Makes a new key for a mailbox. When it returns, nothing made with the old one proves anything any more.</summary>
    public ValueTask<Result<byte[]>> ReplaceAsync(string mailboxId, CancellationToken ct) => MakeAsync(mailboxId, replaces: true, ct);

    /// <summary>Takes all keys away.</summary>
    public ValueTask<Result<Nothing>> RemoveAllAsync(CancellationToken ct)
        => _account.ChangeAsync<Nothing>(async () =>
        {
            await _account.Index.CommitAsync(index =>
            {
                foreach (string name in PropertyTable.Load(index, PropertyTable.Account).Keys)
                {
                    if (name.StartsWith(Prefix, StringComparison.Ordinal))
                        PropertyTable.Put(index, PropertyTable.Account, name, null);
                }

                PropertyTable.Purge(index, PropertyTable.Account); // only lists beside mailboxes have to learn of what went
            }, ct);
            return default(Nothing);
        });

    private ValueTask<Result<byte[]>> MakeAsync(string mailboxId, bool replaces, CancellationToken ct)
        => _account.ChangeAsync<byte[]>(async () =>
        {
            byte[] key = RandomNumberGenerator.GetBytes(KeyOctets);
            string name = Prefix + mailboxId;
            bool hasRoom = true;
            await _account.Index.CommitAsync(index =>
            {
                // Another session may have made one meanwhile, and given out what it proves.
                byte[]? present = PropertyTable.Find(index, PropertyTable.Account, name);
                if (!replaces && present is not null)
                    key = present;
                else if (hasRoom = _account.Index.Room.TryTake(index, MetadataRoom.OctetsOf(name, key) - MetadataRoom.OctetsOf(name, present)))
                    PropertyTable.Put(index, PropertyTable.Account, name, key);
            }, ct);
            return hasRoom ? key : StoreError.OverQuota;
        });
}
