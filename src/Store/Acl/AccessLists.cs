using System.Collections.Frozen;
using FullStack.Store.Accounts;
using FullStack.Store.Mailboxes;

namespace FullStack.Store.Acl;

/// <summary>All access lists of an account as they were at one moment. Identifiers are spelt in one way, each once in a list, the owner's first and negative ones last.</summary>
internal sealed class AccessLists
{
    private readonly FrozenDictionary<MailboxName, AccessList> _lists;

    public AccessLists(AccountName owner, IEnumerable<(MailboxName Name, AclEntry Entry)> entries)
        => _lists = entries.GroupBy(static e => e.Name, static e => e.Entry).ToFrozenDictionary(static list => list.Key, list => new AccessList(InOneSpelling(owner, list)));

    /// <summary>Who, besides the owner and administrators, may see any mailbox.</summary>
    public IEnumerable<AclIdentifier> Seers
        => _lists.Values.SelectMany(static list => list.Entries)
            .Where(static entry => entry.Identifier is { IsNegative: false, IsAdministrators: false, Subject: not AclSubject.Owner } && entry.Rights.HasFlag(AclRights.Lookup))
            .Select(static entry => entry.Identifier);

    /// <summary>The list that counts for a name: its own, else that of the nearest name above, else <see cref="AccessList.Private"/>.</summary>
    public AccessList Of(MailboxName name)
    {
        for (MailboxName? at = _lists.Count == 0 ? null : name; at is not null; at = at.Parent)
        {
            if (_lists.TryGetValue(at, out AccessList? list))
                return list;
        }

        return AccessList.Private;
    }

    private static List<AclEntry> InOneSpelling(AccountName owner, IEnumerable<AclEntry> entries)
        => [.. entries.GroupBy(entry => entry.Identifier.In(owner), static entry => entry.Rights)
            .OrderBy(static same => same.Key.IsNegative).ThenBy(static same => same.Key.Subject != AclSubject.Owner)
            .ThenBy(static same => same.Key.ToString(), StringComparer.Ordinal)
            .Select(static same => new AclEntry(same.Key, same.Aggregate(AclRights.None, static (all, rights) => all | rights)))];
}
