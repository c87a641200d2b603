using System.Text;
using FullStack.Imap.Access;
using FullStack.Imap.Search;
using FullStack.Imap.Server;
using FullStack.Store;
using FullStack.Store.Acl;
using FullStack.Store.Identity;
using FullStack.Store.Mailboxes;

namespace FullStack.Imap.Metadata;

/// <summary>Reads and sets metadata for a session, as far as its user may.</summary>
/// <remarks>
/// RFC 5464 §3.3. Private entries of a mailbox are its reader's, whoever owns it. What the server says of itself under <c>/shared</c> comes from its configuration (§3.2.1.1) and is nobody's to set.
/// </remarks>
internal static class MetadataAccess
{
    /// <summary>"users can only set and retrieve … on a mailbox on which they have the 'l' right and any one of" these.</summary>
    private const AclRights AnyOf = AclRights.Read | AclRights.Seen | AclRights.Write | AclRights.Insert | AclRights.Post;

    private const string Comment = "/shared/comment", Admin = "/shared/admin";

    public static async ValueTask<Result<IReadOnlyDictionary<string, byte[]>>> ReadAsync(ImapSession session, MetadataTarget target, CancellationToken ct)
    {
        if (!target.IsServer)
        {
            Result<MailboxPlace> found = await FindAsync(session, target, ct);
            if (!found.Ok)
                return found.Error;
            using MailboxPlace place = found.Value;
            return await place.Account.Metadata.ReadAsync(place.Name, session.Account.Name, ct);
        }

        Result<IReadOnlyDictionary<string, byte[]>> own = await session.Account.Metadata.ReadAsync(null, session.Account.Name, ct);
        if (!own.Ok)
            return own.Error;
        Dictionary<string, byte[]> entries = own.Value.Where(static pair => !IsShared(pair.Key)).ToDictionary(StringComparer.Ordinal);
        AddText(entries, Comment, session.Environment.Options.ServerComment);
        AddText(entries, Admin, session.Environment.Options.ServerAdmin);
        return entries;
    }

    /// <summary>Sets entries, all or none, and gives the answer where that cannot be; null where it is done.</summary>
    public static async ValueTask<ImapCompletion?> SetAsync(
        ImapSession session, MetadataTarget target, IReadOnlyList<MetadataChange> changes, CancellationToken ct)
    {
        if (target.IsServer && changes.Any(static change => IsShared(change.Entry)))
            return ImapCompletion.No("What the server says of itself is the administrator's to set", "NOPERM");
        Result<MailboxPlace> found = target.IsServer ? StoreError.None : await FindAsync(session, target, ct);
        if (!found.Ok)
            return ImapCompletion.No(found.Error);
        using MailboxPlace? place = target.IsServer ? null : found.Value;
        if (target.IsServer && !changes.All(FilterExpansion.IsValid))
            return ImapCompletion.No("A filter has to be a search", "CANNOT");
        Result<Nothing> set = await (place?.Account ?? session.Account).Metadata.SetAsync(place?.Name, session.Account.Name, changes, session.MetadataWatch, ct);
        return set.Error switch
        {
            StoreError.None => null,
            StoreError.TooBig => ImapCompletion.No("A value is too long", $"METADATA MAXSIZE {session.Account.Metadata.MaxValueOctets}"),
            StoreError.OverQuota => ImapCompletion.No("There are too many entries", "METADATA TOOMANY"),
            StoreError other => ImapCompletion.No(other),
        };
    }

    private static async ValueTask<Result<MailboxPlace>> FindAsync(ImapSession session, MetadataTarget target, CancellationToken ct)
    {
        Result<MailboxPlace> found = target.Mailbox is { } name ? await session.Access.FindAsync(name, AclRights.Lookup, ct) : StoreError.NotFound;
        if (!found.Ok || (found.Value.Rights & AnyOf) != 0)
            return found;
        using (found.Value)
            return StoreError.Denied;
    }

    private static bool IsShared(string entry) => entry.StartsWith("/shared/", StringComparison.OrdinalIgnoreCase);

    private static void AddText(Dictionary<string, byte[]> entries, string name, string text)
    {
        if (text.Length > 0)
            entries[name] = Encoding.UTF8.GetBytes(text);
    }
}
