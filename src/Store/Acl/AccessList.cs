using FullStack.Store.Accounts;

namespace FullStack.Store.Acl;

/// <summary>
/// Who may do what with a mailbox. What a user may is the union of all entries that are about them, less the union of all
/// negative ones; the owner keeps <c>a</c> and <c>l</c> whatever an entry says, administrators have everything.
/// </summary>
public sealed class AccessList(IReadOnlyList<AclEntry> entries)
{
    /// <summary>Rights that an owner cannot lose: with them everything else can be had back.</summary>
    public const AclRights OwnersForGood = AclRights.Administer | AclRights.Lookup;

    /// <summary>Most entries of one list.</summary>
    public const int MaxEntries = 1000;

    /// <summary>The list of a mailbox that has none, and none above it: all for the owner, nothing for others.</summary>
    public static AccessList Private { get; } = new(
        [new(AclIdentifier.Owner, AclRights.All), new(ParseOwn(AclIdentifier.Administrators), AclRights.All)]);

    public IReadOnlyList<AclEntry> Entries => entries;

    /// <summary>What somebody may do.</summary>
    /// <param name="owner">Whose mailbox it is.</param>
    /// <param name="user">Who asks; null who has not logged in.</param>
    /// <param name="groups">The groups that the user is in.</param>
    public AclRights RightsOf(AccountName owner, AccountName? user, IReadOnlyCollection<string> groups)
    {
        if (groups.Contains(AclIdentifier.Administrators, StringComparer.OrdinalIgnoreCase))
            return AclRights.All;
        AclRights given = AclRights.None, taken = AclRights.None;
        foreach (AclEntry entry in entries)
        {
            if (!IsAbout(entry.Identifier, owner, user, groups))
                continue;
            if (entry.Identifier.IsNegative)
                taken |= entry.Rights;
            else
                given |= entry.Rights;
        }

        return given & ~taken | (user == owner ? OwnersForGood : AclRights.None);
    }

    /// <summary>Names without a domain are those of the owner's domain: Courier's and Dovecot's logins may be either.</summary>
    internal static bool IsAbout(AclIdentifier identifier, AccountName owner, AccountName? user, IReadOnlyCollection<string> groups) => identifier.Subject switch
    {
        AclSubject.Anyone => true,
        AclSubject.Authenticated => user is not null,
        AclSubject.Owner => user == owner,
        AclSubject.User => user is not null && (identifier.Name == user.ToString() || (identifier.Name == user.User && user.Domain == owner.Domain)),
        AclSubject.Group => groups.Contains(identifier.Name, StringComparer.OrdinalIgnoreCase),
        _ => throw new ArgumentOutOfRangeException(nameof(identifier)),
    };

    private static AclIdentifier ParseOwn(string text) => AclIdentifier.TryParse(text, out AclIdentifier? identifier) ? identifier : throw new ArgumentException(text);
}
