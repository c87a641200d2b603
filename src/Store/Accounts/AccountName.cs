using System.Diagnostics.CodeAnalysis;

namespace FullStack.Store.Accounts;

/// <summary>An account's address, checked so that it can name a folder: lower case, no path characters, bounded.</summary>
public sealed record AccountName
{
    private AccountName(string user, string domain) => (User, Domain) = (user, domain);

    public string User { get; }
    public string Domain { get; }

    /// <summary>Checks and lowers both parts. 1 to 64 octets of user, 1 to 255 of domain (RFC 5321 §4.5.3.1); no control
    /// characters, no <c>/</c>, no NUL, no leading dot.</summary>
    public static bool TryCreate(string user, string domain, [NotNullWhen(true)] out AccountName? name)
    {
        user = user.Normalize().ToLowerInvariant();
        domain = domain.Normalize().ToLowerInvariant();
        name = IsSafe(user, 64) && IsSafe(domain, 255) ? new(user, domain) : null;
        return name is not null;
    }

    /// <summary>Splits <c>user@domain</c> at its last @.</summary>
    public static bool TryParse(string address, [NotNullWhen(true)] out AccountName? name)
    {
        name = null;
        int at = address.LastIndexOf('@');
        return at > 0 && TryCreate(address[..at], address[(at + 1)..], out name);
    }

    public override string ToString() => $"{User}@{Domain}";

    private static bool IsSafe(string part, int maxOctets)
        => part.Length > 0 && part[0] != '.' && System.Text.Encoding.UTF8.GetByteCount(part) <= maxOctets
            && !part.AsSpan().ContainsAny("/\\\0") && !part.Any(char.IsControl);
}
