using FullStack.Store.Accounts;
using FullStack.Store.Mailboxes;

namespace FullStack.Imap.Commands;

/// <summary>What LIST with RECURSIVEMATCH has to know of the mailboxes above those that it selects.</summary>
/// <remarks>RFC 5258 §3.5.</remarks>
internal sealed class ListAncestry
{
    private readonly HashSet<MailboxName> _aboveSelected = [];
    private readonly HashSet<MailboxName> _aboveHidden = [];

    /// <param name="mailboxes">All mailboxes of the account.</param>
    /// <param name="options">What is selected.</param>
    /// <param name="matches">Whether a name matches the patterns, so that it is listed itself.</param>
    public ListAncestry(IReadOnlyList<MailboxInfo> mailboxes, ListOptions options, Func<MailboxName, bool> matches)
    {
        foreach (MailboxInfo mailbox in mailboxes)
        {
            if (!options.Selects(mailbox))
                continue;
            bool isListed = matches(mailbox.Name);
            for (MailboxName? parent = mailbox.Name.Parent; parent is not null; parent = parent.Parent)
            {
                _aboveSelected.Add(parent);
                if (!isListed)
                    _aboveHidden.Add(parent);
            }
        }

        // Names above subscriptions to mailboxes that are gone are in no list.
        HashSet<MailboxName> known = [.. mailboxes.Select(static m => m.Name)];
        WithParents =
        [
            .. mailboxes.Concat(_aboveSelected.Where(name => !known.Contains(name)).Select(static name => new MailboxInfo(name, false, true, false, SpecialUse.None)))
                .OrderBy(static m => !m.Name.IsInbox).ThenBy(static m => m.Name.Text, StringComparer.Ordinal),
        ];
    }

    /// <summary>The mailboxes and the missing names above them, in order.</summary>
    public IReadOnlyList<MailboxInfo> WithParents { get; }

    /// <summary>Whether a name is listed with CHILDINFO: it has selected mailboxes below it, one of which, if it is not selected itself, is not listed.</summary>
    public bool MustTellChildren(MailboxName name, bool isSelected) => (isSelected ? _aboveSelected : _aboveHidden).Contains(name);

    /// <summary>childinfo-extended-item in its parentheses.</summary>
    public static string ChildInfo(ListSelection selection)
    {
        List<string> criteria = [];
        if (selection.HasFlag(ListSelection.Subscribed))
            criteria.Add("\"SUBSCRIBED\"");
        if (selection.HasFlag(ListSelection.SpecialUse))
            criteria.Add("\"SPECIAL-USE\"");
        return $"(\"CHILDINFO\" ({string.Join(' ', criteria)}))";
    }
}
