using System.Text;
using FullStack.Store;
using FullStack.Store.Accounts;

namespace FullStack.Pop3.Server;

/// <summary>
/// What an account says of its own maildrop: private metadata of the account (RFC 5464), which its user sets by IMAP, below
/// <c>/private/vendor/fullstack/pop3/</c>. What does not make sense there counts as not said.
/// </summary>
internal static class AccountChoices
{
    private const string Prefix = "/private/vendor/fullstack/pop3/";

    /// <summary>The server's choices, with those of the account in their place.</summary>
    public static async ValueTask<MaildropOptions> ReadAsync(Account account, MaildropOptions options, CancellationToken ct)
    {
        Result<IReadOnlyDictionary<string, byte[]>> read = await account.Metadata.ReadAsync(null, account.Name, ct);
        if (!read.Ok)
            return options;
        foreach ((string entry, byte[] value) in read.Value)
        {
            if (entry.StartsWith(Prefix, StringComparison.Ordinal))
                options = Take(options, entry[Prefix.Length..], Encoding.UTF8.GetString(value));
        }

        return options;
    }

    private static MaildropOptions Take(MaildropOptions options, string entry, string value) => (entry, value) switch
    {
        ("mailbox", _) => options with { Mailbox = value },
        ("messages", "all") => options with { Messages = Pop3Messages.All },
        ("messages", "unread") => options with { Messages = Pop3Messages.Unread },
        ("messages", "unread-everywhere") => options with { Messages = Pop3Messages.UnreadEverywhere },
        ("delete", "remove") => options with { Deletion = Pop3Deletion.Remove },
        ("delete", "trash") => options with { Deletion = Pop3Deletion.Trash },
        ("delete", "hide") => options with { Deletion = Pop3Deletion.Hide },
        ("mark-seen", "yes") => options with { MarkSeen = true },
        ("mark-seen", "no") => options with { MarkSeen = false },
        ("exclusive", "yes") => options with { Exclusive = true },
        ("exclusive", "no") => options with { Exclusive = false },
        _ => options,
    };
}
