using System.Text;
using FullStack.Store.Accounts;
using FullStack.Store.Maildir;

namespace FullStack.Store.Mbox;

/// <summary><see cref="StoreOptions.MboxInbox"/>: a path in which <c>%u</c> stands for the user, <c>%d</c> for the domain, <c>%%</c> for a percent sign.</summary>
public static class InboxTemplate
{
    /// <summary>Whether a variable stands in a template.</summary>
    public static bool Has(string template, char variable)
    {
        for (int i = 0; i + 1 < template.Length; i++)
        {
            if (template[i] == '%' && template[++i] == variable)
                return true;
        }

        return false;
    }

    /// <summary>The path of an account's INBOX.</summary>
    internal static string Expand(string template, AccountName name)
    {
        StringBuilder path = new();
        for (int i = 0; i < template.Length; i++)
        {
            bool isVariable = template[i] == '%' && i + 1 < template.Length;
            path.Append(!isVariable ? template[i].ToString() : template[++i] switch
            {
                'u' => AccountFolders.Encode(name.User),
                'd' => AccountFolders.Encode(name.Domain),
                char other => other.ToString(),
            });
        }

        return Path.GetFullPath(path.ToString());
    }
}
