using System.Diagnostics.CodeAnalysis;
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

    /// <summary>The part that an encoded name stands for; false where the name is none that <see cref="Encode"/> makes.</summary>
    public static bool TryDecode(string name, [NotNullWhen(true)] out string? part)
    {
        List<byte> octets = [];
        for (int i = 0; i < name.Length; i++)
        {
            if (name[i] != '%')
                octets.Add((byte)name[i]);
            else if (i + 2 < name.Length && byte.TryParse(name.AsSpan(i + 1, 2), NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out byte octet))
            {
                octets.Add(octet);
                i += 2;
            }
            else
                break;
        }

        part = Encoding.UTF8.GetString([.. octets]);
        return part.Length > 0 && Encode(part) == name;
    }

    public static string Locate(string root, AccountName name) => Path.Combine(root, Encode(name.Domain), Encode(name.User));
}
