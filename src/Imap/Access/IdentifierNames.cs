using System.Diagnostics.CodeAnalysis;
using System.Text;
using FullStack.Auth.Passwords;
using FullStack.Imap.Grammar;
using FullStack.Store.Accounts;
using FullStack.Store.Acl;

namespace FullStack.Imap.Access;

/// <summary>
/// Identifiers of access lists as clients write them: a user by the name that he logs in with, the owner like any user, and
/// <c>anyone</c>, <c>authenticated</c>, <c>owner</c>, <c>group=NAME</c>, <c>user=NAME</c>; each with a <c>-</c> before it for negative rights.
/// </summary>
/// <remarks>RFC 4314 §2 and §3.</remarks>
internal static class IdentifierNames
{
    /// <summary>identifier = astring, in UTF-8, "prepare[d] … using 'SASLprep'"; what that leaves empty or refuses is a syntax error.</summary>
    public static bool TryReadIdentifier(this ref ImapReader reader, [NotNullWhen(true)] out string? identifier)
    {
        int start = reader.Position;
        identifier = null;
        bool isText = reader.TryReadAString(out ReadOnlySpan<byte> octets) && octets.Length is > 0 and <= AclIdentifier.MaxOctets
            && System.Text.Unicode.Utf8.IsValid(octets);
        if (isText && SaslPrep.TryPrepare(Encoding.UTF8.GetString(octets), out identifier) && identifier.Length > 0)
            return true;
        reader.Position = start;
        identifier = null;
        return false;
    }

    /// <summary>The identifier that a text is for the mailboxes of one account; false where there can be no such user.</summary>
    public static bool TryParse(string text, AccountName owner, [NotNullWhen(true)] out AclIdentifier? identifier)
    {
        if (AclIdentifier.TryParse(text, out identifier))
        {
            identifier = identifier.In(owner);
            return true;
        }

        bool isNegative = text.StartsWith('-');
        string name = isNegative ? text[1..] : text;
        if (!AccountName.TryParse(name.Contains('@', StringComparison.Ordinal) ? name : $"{name}@{owner.Domain}", out AccountName? user))
            return false;
        identifier = AclIdentifier.Of(user, isNegative).In(owner);
        return true;
    }

    /// <summary>An identifier as it is told to a client.</summary>
    /// <param name="identifier">The identifier.</param>
    /// <param name="owner">Whose mailbox it is about.</param>
    /// <param name="domain">The domain whose users are told without it; null: none.</param>
    public static string Format(AclIdentifier identifier, AccountName owner, string? domain)
    {
        string? address = identifier.Subject switch
        {
            AclSubject.Owner => owner.ToString(),
            AclSubject.User => identifier.Name,
            _ => null,
        };
        if (address is null)
            return identifier.ToString();
        string name = domain is not null && address.EndsWith($"@{domain}", StringComparison.Ordinal) ? address[..^(domain.Length + 1)] : address;

        // A user may be called "anyone": then only the whole address says who is meant.
        bool isClear = !name.StartsWith('-') && !name.Contains('@', StringComparison.Ordinal) && !AclIdentifier.TryParse(name, out _);
        return (identifier.IsNegative ? "-" : "") + (isClear ? name : address);
    }
}
