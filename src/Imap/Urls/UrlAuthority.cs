using System.Diagnostics.CodeAnalysis;
using System.Security.Cryptography;
using System.Text;
using FullStack.Auth;
using FullStack.Auth.Backends;
using FullStack.Imap.Access;
using FullStack.Store;
using FullStack.Store.Accounts;
using FullStack.Store.Acl;
using FullStack.Store.Identity;
using FullStack.Store.Mailboxes;
using Microsoft.Extensions.Logging;

namespace FullStack.Imap.Urls;

/// <summary>Lets users give parts of their mail to others by URL: makes the proofs and checks them.</summary>
/// <remarks>
/// RFC 4467. A token is HMAC-SHA-256 of the URL before it, with the key that the URL's user has for the mailbox. What is shown is
/// what this user may read at the time.
/// </remarks>
/// <param name="store">The mail store.</param>
/// <param name="directory">Knows which users there are.</param>
/// <param name="sharing">Where the mailboxes of others are.</param>
/// <param name="time">The clock.</param>
/// <param name="logger">Where it is told of that something cannot be looked up.</param>
public sealed class UrlAuthority(MailStore store, Authenticator directory, SharingOptions sharing, TimeProvider time, ILogger logger)
{
    /// <summary>The only mechanism there is (RFC 4467 §2.4.1).</summary>
    internal const string Mechanism = "INTERNAL";

    /// <summary>Opens what a URL names for somebody; null where the URL is none that he may use now, or names nothing.</summary>
    public async ValueTask<UrlContent?> OpenAsync(ReadOnlyMemory<byte> url, UrlReader reader, CancellationToken ct)
    {
        if (!ImapUrlParser.TryParse(url.Span, out ImapUrl? parsed) || parsed is not { IsAbsolute: true, User: { } user, Mailbox: { } mailbox, Authorization: { Mechanism: Mechanism } proof }
            || time.GetUtcNow() > proof.Expires || !TryResolve(user, reader.User.Domain, out AccountName? owner) || !IsMeantFor(proof, reader, owner))
        {
            return null;
        }

        // Where there is no such user, mailbox or key, a key that nobody has is tried: to fail takes the same steps (RFC 4467 §6).
        AccountLease? lease = await LeaseAsync(owner, ct);
        MailboxAccess? access = lease is null ? null : AccessOf(lease.Account);
        byte[] key = (access is null ? null : await KeyAsync(lease!.Account, access, mailbox, ct)) ?? RandomNumberGenerator.GetBytes(MailboxKeys.KeyOctets);
        if (CryptographicOperations.FixedTimeEquals(HMACSHA256.HashData(key, url.Span[..proof.RumpOctets]), proof.Token) && access is not null)
            return await UrlContent.OpenAsync(access, mailbox, parsed, lease, ct);
        lease?.Dispose();
        return null;
    }

    /// <summary>Whether a URL is one that a user can let others use: of his own, absolute, and saying whom it is for.</summary>
    internal static bool CanAuthorize(ReadOnlySpan<byte> rump, AccountName user, [NotNullWhen(true)] out ImapUrl? url)
        => ImapUrlParser.TryParse(rump, out url) && url is { IsAbsolute: true, User: { } named, Mailbox: not null, Authorization: { Mechanism: null } }
            && TryResolve(named, user.Domain, out AccountName? owner) && owner == user;

    /// <summary>Makes the proof for a URL that <see cref="CanAuthorize"/>.</summary>
    /// <returns>The URL with it; <see cref="StoreError.NotFound"/> where the mailbox is none that the user may read.</returns>
    internal static async ValueTask<Result<byte[]>> AuthorizeAsync(ImapUrl url, ReadOnlyMemory<byte> rump, Account own, MailboxAccess access, CancellationToken ct)
    {
        Result<string> id = await IdAsync(access, url.Mailbox!, AclRights.Read, ct);
        if (!id.Ok)
            return id.Error;
        Result<byte[]> key = await own.UrlKeys.FindOrMakeAsync(id.Value, ct);
        if (!key.Ok)
            return key.Error;
        string proof = ":internal:" + Convert.ToHexStringLower(HMACSHA256.HashData(key.Value, rump.Span));
        return (byte[])[.. rump.Span, .. Encoding.ASCII.GetBytes(proof)];
    }

    /// <summary>The id of a mailbox, under which its key is kept.</summary>
    internal static async ValueTask<Result<string>> IdAsync(MailboxAccess access, MailboxName mailbox, AclRights needed, CancellationToken ct)
    {
        Result<MailboxPlace> place = await access.FindAsync(mailbox, needed, ct);
        if (!place.Ok)
            return place.Error;
        using (place.Value)
        {
            Result<MailboxStatus> status = await place.Value.Account.StatusAsync(place.Value.Name, ct);
            return status.Ok ? status.Value.ObjectId : status.Error;
        }
    }

    private static async ValueTask<byte[]?> KeyAsync(Account owner, MailboxAccess access, MailboxName mailbox, CancellationToken ct)
    {
        Result<string> id = await IdAsync(access, mailbox, AclRights.Read, ct);
        if (!id.Ok)
            return null;
        Result<byte[]?> key = await owner.UrlKeys.FindAsync(id.Value, ct);
        return key.Ok ? key.Value : null;
    }

    /// <summary>A name without domain is one of the domain of whoever uses it.</summary>
    private static bool TryResolve(string user, string domain, [NotNullWhen(true)] out AccountName? name)
        => user.Contains('@', StringComparison.Ordinal) ? AccountName.TryParse(user, out name) : AccountName.TryCreate(user, domain, out name);

    private static bool IsMeantFor(UrlAuthorization proof, UrlReader reader, AccountName owner)
    {
        bool isNamed = proof.AccessUser is { } user && TryResolve(user, owner.Domain, out AccountName? named) && named == reader.User;
        return proof.Access switch
        {
            UrlAccess.Submit => reader.Role == UrlRole.SubmissionServer || (reader.Role == UrlRole.Submitter && isNamed),
            UrlAccess.User => reader.Role != UrlRole.Submitter && isNamed,
            _ => true, // nobody gets here who has not logged in
        };
    }

    private MailboxAccess AccessOf(Account account) => new(account, sharing, directory.Accounts, store, logger);

    private async ValueTask<AccountLease?> LeaseAsync(AccountName owner, CancellationToken ct)
    {
        try
        {
            if (await directory.Accounts.FindUserAsync(owner.ToString(), ct) is null)
                return null;
        }
        catch (DirectoryUnavailableException e)
        {
            ImapLog.LookUpFailed(logger, owner.ToString(), e.Message);
            return null;
        }

        Result<AccountLease> lease = await store.OpenAccountAsync(owner, ct);
        return lease.Ok ? lease.Value : null;
    }
}
