using FullStack.Imap.Server;
using FullStack.Store.Accounts;
using FullStack.Store.Mailboxes;
using FullStack.Store.Quota;

namespace FullStack.Imap.Commands;

/// <summary>The quota root, one for each account that has a limit, and its untagged response.</summary>
/// <remarks>RFC 9208 §4.2.1; resources §5.1 to §5.3. Resources without limit are not named.</remarks>
internal static class QuotaResponses
{
    /// <summary>What STORAGE is counted in.</summary>
    public const int UnitOctets = 1024;

    /// <summary>The name of the root: the one that Courier uses, so that clients which come from there see no other.</summary>
    public const string Root = "ROOT";

    /// <summary>The name of an account's root as a user knows it: that of another's is what the user calls the other's INBOX.</summary>
    public static string RootOf(ImapSession session, Account account)
        => account.Name == session.Account.Name || session.Access.Namespaces.NameOf(account.Name, MailboxName.Inbox) is not { } inbox ? Root : inbox.Text;

    /// <summary>quota-response = "QUOTA" SP quota-root-name SP quota-list</summary>
    public static void Send(ImapSession session, Account account, AccountQuota quota)
    {
        session.Writer.Write("* QUOTA "u8);
        session.Writer.Mailbox(RootOf(session, account));
        session.Writer.Write(" ("u8);
        bool isFirst = true;
        Send(session, "STORAGE", Units(quota.Used.Octets), quota.Limits.Octets == QuotaLimits.Unlimited ? QuotaLimits.Unlimited : Units(quota.Limits.Octets), ref isFirst);
        Send(session, "MESSAGE", quota.Used.Messages, quota.Limits.Messages, ref isFirst);
        Send(session, "MAILBOX", quota.Mailboxes, quota.MailboxLimit, ref isFirst);
        session.Writer.Write(")\r\n"u8);
    }

    /// <summary>quota-resource = resource-name SP resource-usage SP resource-limit</summary>
    private static void Send(ImapSession session, string resource, long used, long limit, ref bool isFirst)
    {
        if (limit == QuotaLimits.Unlimited)
            return;
        if (!isFirst)
            session.Writer.Space();
        isFirst = false;
        session.Writer.Atom(resource);
        session.Writer.Space();
        session.Writer.Number((ulong)used);
        session.Writer.Space();
        session.Writer.Number((ulong)limit);
    }

    // Both rounded up: what fits into a limit of octets then fits into its units too.
    private static long Units(long octets) => (octets / UnitOctets) + (octets % UnitOctets == 0 ? 0 : 1);
}
