using System.Globalization;
using System.Text;
using FullStack.Store.Accounts;

namespace FullStack.Store.Maildir;

/// <summary>Where an account lies below the root: <c>domain/user</c>, each part encoded so that no address is a path.</summary>
internal static class AccountFolders
{
    private const int MaxDirectoryOctets = 255;

    /// <summary>Whether the part fits a directory entry once encoded.</summary>
    public static bool Fits(string part) => Encode(part).Length <= MaxDirectoryOctets;

    /// <summary>Letters, digits and a few marks as they are; every other octet, and a first dot, as %XX.</summary>
    public static string Encode(string part)
    {
        StringBuilder result = new(part.Length);
        foreach (byte octet in Encoding.UTF8.GetBytes(part))
        {
            char c = (char)octet;
            bool safe = char.IsAsciiLetterOrDigit(c) || c is '-' or '_' or '+' or '=' || (c == '.' && result.Length > 0);
            if (safe)
                result.Append(c);
            else
                result.Append(CultureInfo.InvariantCulture, $"%{octet:X2}");
        }

        return result.ToString();
    }

    public static string Locate(string root, AccountName name) => Path.Combine(root, Encode(name.Domain), Encode(name.User));
}
