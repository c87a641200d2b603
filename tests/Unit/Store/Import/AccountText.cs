using System.Globalization;
using System.Text;
using FullStack.Store;
using FullStack.Store.Accounts;
using FullStack.Store.Acl;
using FullStack.Store.Feed;
using FullStack.Store.Mailboxes;

namespace FullStack.Unit.Store.Import;

/// <summary>All that clients keep of an account, and what others may do with it, as text to compare.</summary>
internal static class AccountText
{
    public static async Task<string> OfAsync(Account account, bool withUids = true)
    {
        StringBuilder text = new();
        foreach (MailboxInfo info in await account.ListAsync(TempStore.Ct))
        {
            text.Append(CultureInfo.InvariantCulture, $"{info.Name} exists={info.Exists} subscribed={info.Subscribed}\n");
            if (info.Exists)
                await AddAsync(account, info.Name, withUids, text);
            if (!withUids)
                continue;
            foreach (string user in (string[])["alice", "bob", "carol"])
            {
                AclRights rights = (await account.Access.RightsAsync(info.Name, TempStore.Name(user), [], TempStore.Ct)).Value;
                text.Append(CultureInfo.InvariantCulture, $"  {user} may {AclLetters.Format(rights & ~AclRights.Post)}\n"); // Courier has no word for posting
            }
        }

        return text.ToString();
    }

    private static async Task AddAsync(Account account, MailboxName name, bool withUids, StringBuilder text)
    {
        using MailboxView view = await TempStore.OpenAsync(account, name.Text, readOnly: true);
        Uidls? uidls = name.IsInbox ? (await view.UidlsAsync(TempStore.Ct)).Value : null;
        if (withUids)
            text.Append(CultureInfo.InvariantCulture, $"  {view.UidValidity.Value} {view.UidNext}\n");
        for (int i = 1; i <= view.Count; i++)
        {
            MessageEntry entry = view.Entry(i)!;
            string body = Encoding.Latin1.GetString(await TempStore.ReadAsync(view, entry.Uid));
            text.Append(CultureInfo.InvariantCulture, $"  {(withUids ? entry.Uid.ToString() : "-")} {entry.Flags} {(withUids ? string.Join(' ', entry.Keywords) : "")} ");
            text.Append(CultureInfo.InvariantCulture, $"{entry.InternalDate.ToUnixTimeSeconds()} {entry.WireOctets} {(withUids ? uidls?.Of(entry.Uid) : "")} {body.ReplaceLineEndings("|")}\n");
        }
    }
}
