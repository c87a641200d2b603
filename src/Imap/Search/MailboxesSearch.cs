using FullStack.Imap.Access;
using FullStack.Imap.Notify;
using FullStack.Imap.Server;
using FullStack.Store;
using FullStack.Store.Accounts;
using FullStack.Store.Acl;
using FullStack.Store.Feed;
using FullStack.Store.Mailboxes;
using FullStack.Store.Search;

namespace FullStack.Imap.Search;

/// <summary>Searches several mailboxes one after the other, each opened for as long as that takes.</summary>
/// <remarks>RFC 7377 §2.1: one response for each mailbox in which something was found, by UID. Mailboxes that cannot be read are left out (§2.2).</remarks>
internal sealed class MailboxesSearch(ImapSession session, SearchProgram program)
{
    /// <summary>Most mailboxes in one search (§2.4).</summary>
    public const int MaxMailboxes = 1000;

    private bool _isUnreadable;

    public async ValueTask<ImapCompletion> RunAsync(IReadOnlyList<MailboxFilter> filters, CancellationToken ct)
    {
        List<MailboxName> names = await NamesAsync(filters, ct);
        if (names.Count > MaxMailboxes)
            return ImapCompletion.No($"A search takes {MaxMailboxes} mailboxes", "LIMIT");
        bool ofSelected = session.Selection is not null && (filters.Any(static filter => filter.Scope == MailboxScope.Selected) || names.Contains(session.Mailbox.Place.Shown));
        if (ofSelected && !await SearchAsync(session.View, session.Mailbox.Place.Shown, ct))
            return SearchAnswer.UnknownCharset;
        foreach (MailboxName name in names)
        {
            if (session.Selection is { } selection && selection.Place.Shown == name)
                continue;
            Result<MailboxPlace> found = await session.Access.FindAsync(name, AclRights.Read, ct);
            if (!found.Ok)
                continue;
            using MailboxPlace place = found.Value;
            Result<MailboxView> opened = await place.Account.OpenAsync(place.Name, readOnly: true, ct);
            if (!opened.Ok)
                continue;
            using MailboxView view = opened.Value;
            view.User = session.Account.Name;
            if (!await SearchAsync(view, name, ct))
                return SearchAnswer.UnknownCharset;
        }

        return _isUnreadable ? ImapCompletion.No("Some messages cannot be read now", "UNAVAILABLE") : ImapCompletion.Ok("ESEARCH completed");
    }

    /// <summary>The mailboxes meant, each once. Those named are looked for among other accounts' too.</summary>
    private async ValueTask<List<MailboxName>> NamesAsync(IReadOnlyList<MailboxFilter> filters, CancellationToken ct)
    {
        if (filters.All(static filter => filter.Scope == MailboxScope.Selected))
            return [];
        List<MailboxName> names = [];
        foreach (MailboxInfo mailbox in await session.Account.ListAsync(ct))
        {
            if (mailbox.Exists && filters.Any(filter => filter.Matches(mailbox.Name, mailbox.Subscribed)))
                names.Add(mailbox.Name);
        }

        return [.. names.Concat(filters.SelectMany(static filter => filter.Names)).Distinct()];
    }

    /// <returns>False where the charset is not known.</returns>
    private async ValueTask<bool> SearchAsync(MailboxView view, MailboxName shown, CancellationToken ct)
    {
        if (await SearchAnswer.FindAsync(session, view, program, program.Return.Extent, ct) is not { } outcome)
            return false;
        _isUnreadable |= outcome.Error != StoreError.None;
        if (outcome.Numbers.Count > 0)
        {
            Relevancy? relevancy = await SearchAnswer.RelevancyAsync(session, view, program, outcome, ct);
            await new SearchResponder(session, program, byUid: true, "SEARCH") { View = view, Mailbox = shown, Relevancy = relevancy }.SendAsync(outcome.Numbers, ct);
        }

        if (session.Selection is { } selection && selection.View == view)
        {
            SearchAnswer.Keep(session, program, outcome, byUid: true, criteria: null);
            SearchAnswer.Complete(session, program, outcome, "");
        }

        return true;
    }
}
