using System.Diagnostics.CodeAnalysis;

namespace FullStack.Store.Accounts;

/// <summary>An account's address, checked so that it can name a folder: lower case, no path characters, bounded.</summary>
public sealed record AccountName
{
    private AccountName(string user, string domain) => (User, Domain) = (user, domain);

    public string User { get; }
    public string Domain { get; }

    /// <summary>Checks and lowers both parts. 1 to 64 octets of user, 1 to 255 of domain (RFC 5321 §4.5.3.1); no control
    /// characters, no <c>/</c>, no NUL, no leading dot; text that is not well-formed Unicode is refused.</summary>
    public static bool TryCreate(string user, string domain, [NotNullWhen(true)] out AccountName? name)
    {
        name = null;
        if (!UnicodeText.TryNormalize(user, 256, out string? cleanUser) || !UnicodeText.TryNormalize(domain, 512, out string? cleanDomain))
            return false;
        cleanUser = cleanUser.ToLowerInvariant();
        cleanDomain = cleanDomain.ToLowerInvariant();
        name = IsSafe(cleanUser, 64) && IsSafe(cleanDomain, 255) ? new(cleanUser, cleanDomain) : null;
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
            && !part.AsSpan().ContainsAny("/\\\0") && !part.Any(char.IsControl)
            && Maildir.AccountFolders.Fits(part);
}
