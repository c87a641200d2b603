using System.Diagnostics.CodeAnalysis;
using FullStack.Store.Accounts;

namespace FullStack.Server.Cli;

/// <summary>One line of a file of accounts: <c>address:password-or-{SCHEME}hash[:home]</c>.</summary>
/// <param name="Address">Lower case.</param>
/// <param name="Secret">A stored form, braces and all, or a password.</param>
/// <param name="Home">An absolute path, or null.</param>
internal sealed record ImportLine(string Address, string Secret, string? Home)
{
    /// <summary>Whether <see cref="Secret"/> is a stored form.</summary>
    public bool IsHash => Secret.StartsWith('{') && Secret.Contains('}', StringComparison.Ordinal);

    /// <summary>Reads a line. A password may have colons in it: what follows the last one is a home only if it begins with a slash.</summary>
    public static bool TryParse(string text, [NotNullWhen(true)] out ImportLine? line)
    {
        line = null;
        int colon = text.IndexOf(':', StringComparison.Ordinal);
        if (colon <= 0 || !AccountName.TryParse(text[..colon], out AccountName? name))
            return false;
        string secret = text[(colon + 1)..];
        string? home = null;
        int last = secret.LastIndexOf(":/", StringComparison.Ordinal);
        if (last >= 0)
            (secret, home) = (secret[..last], secret[(last + 1)..]);
        if (secret.Length == 0)
            return false;
        line = new(name.ToString(), secret, home);
        return true;
    }
}
