using System.Diagnostics.CodeAnalysis;
using FullStack.Store.Accounts;

namespace FullStack.Server.Cli;

/// <summary>One line of a file of accounts: <c>address:password-or-{SCHEME}hash</c>.</summary>
/// <param name="Address">Lower case.</param>
/// <param name="Secret">A stored form, braces and all, or a password.</param>
internal sealed record ImportLine(string Address, string Secret)
{
    /// <summary>Whether <see cref="Secret"/> is a stored form.</summary>
    public bool IsHash => Secret.StartsWith('{') && Secret.Contains('}', StringComparison.Ordinal);

    /// <summary>
    /// Whether it ends as lines of other programs do that name a home. Accounts here have none of their own, and taken for
    /// a part of the password it would lock the owner out.
    /// </summary>
    public bool SeemsToNameHome => Secret.LastIndexOf(":/", StringComparison.Ordinal) >= 0;

    /// <summary>Reads a line. A password may have colons in it.</summary>
    public static bool TryParse(string text, [NotNullWhen(true)] out ImportLine? line)
    {
        line = null;
        int colon = text.IndexOf(':', StringComparison.Ordinal);
        if (colon <= 0 || !AccountName.TryParse(text[..colon], out AccountName? name))
            return false;
        string secret = text[(colon + 1)..];
        if (secret.Length == 0)
            return false;
        line = new(name.ToString(), secret);
        return true;
    }
}
