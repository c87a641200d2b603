using System.Diagnostics.CodeAnalysis;
using System.Text;
using FullStack.Store.Accounts;

namespace FullStack.Store.Acl;

/// <summary>
/// An identifier of an access list (RFC 4314 §2) in Courier's and Dovecot's spelling: <c>owner</c>, <c>anyone</c>,
/// <c>authenticated</c>, <c>user=NAME</c>, <c>group=NAME</c>, each with a <c>-</c> before it where the rights are taken away.
/// </summary>
public sealed record AclIdentifier
{
    /// <summary>Longest identifier in UTF-8 octets.</summary>
    public const int MaxOctets = 255;

    /// <summary>The group whose members have every right everywhere.</summary>
    public const string Administrators = "administrators";

    private AclIdentifier(AclSubject subject, string name, bool isNegative) => (Subject, Name, IsNegative) = (subject, name, isNegative);

    public static AclIdentifier Owner { get; } = new(AclSubject.Owner, "", false);

    public AclSubject Subject { get; }

    /// <summary>The user's or group's name in lower case; empty for the others.</summary>
    public string Name { get; }

    /// <summary>Whether the entry takes rights away.</summary>
    public bool IsNegative { get; }

    public bool IsAdministrators => Subject == AclSubject.Group && Name == Administrators;

    /// <summary>Reads an identifier; <c>anonymous</c> is another name for anyone, <c>administrators</c> one for the group of that name.</summary>
    public static bool TryParse(string text, [NotNullWhen(true)] out AclIdentifier? identifier)
    {
        identifier = null;
        if (!UnicodeText.TryNormalize(text, MaxOctets, out string? normal) || Encoding.UTF8.GetByteCount(normal) > MaxOctets || normal.Any(char.IsControl))
            return false;
        bool isNegative = normal.StartsWith('-');
        string rest = normal[(isNegative ? 1 : 0)..];
        identifier = rest switch
        {
            "owner" => new(AclSubject.Owner, "", isNegative),
            "anyone" or "anonymous" => new(AclSubject.Anyone, "", isNegative),
            "authenticated" => new(AclSubject.Authenticated, "", isNegative),
            Administrators => new(AclSubject.Group, Administrators, isNegative),
            _ when rest.StartsWith("user=", StringComparison.Ordinal) && rest.Length > 5 => new(AclSubject.User, rest[5..].ToLowerInvariant(), isNegative),
            _ when rest.StartsWith("group=", StringComparison.Ordinal) && rest.Length > 6 => new(AclSubject.Group, rest[6..].ToLowerInvariant(), isNegative),
            _ => null,
        };
        return identifier is not null;
    }

    /// <summary>The identifier of one user.</summary>
    public static AclIdentifier Of(AccountName user, bool isNegative) => new(AclSubject.User, user.ToString(), isNegative);

    /// <summary>
    /// The one spelling in an account's lists: names of users have a domain, which is the owner's where none was written, for the logins of
    /// Courier and Dovecot may be either, and the owner's own name means the owner.
    /// </summary>
    public AclIdentifier In(AccountName owner)
    {
        if (Subject != AclSubject.User)
            return this;
        string address = Name.Contains('@', StringComparison.Ordinal) ? Name : $"{Name}@{owner.Domain}";
        return address == owner.ToString() ? new(AclSubject.Owner, "", IsNegative) : new(AclSubject.User, address, IsNegative);
    }

    /// <summary>The same subject, given rights or denied them.</summary>
    public AclIdentifier WithSign(bool isNegative) => new(Subject, Name, isNegative);

    public override string ToString() => (IsNegative ? "-" : "") + Subject switch
    {
        AclSubject.User => $"user={Name}",
        AclSubject.Group when IsAdministrators => Administrators,
        AclSubject.Group => $"group={Name}",
        _ => Subject.ToString().ToLowerInvariant(),
    };
}
