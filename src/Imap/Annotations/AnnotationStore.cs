using FullStack.Imap.Access;
using FullStack.Imap.Commands;
using FullStack.Imap.Fetch;
using FullStack.Imap.Server;
using FullStack.Mime;
using FullStack.Store;
using FullStack.Store.Acl;
using FullStack.Store.Annotations;
using FullStack.Store.Mailboxes;

namespace FullStack.Imap.Annotations;

/// <summary>ANNOTATION in STORE and UID STORE. It is silent: only who knows mod-sequences is told the new one.</summary>
/// <remarks>RFC 5257 §4.5.</remarks>
/// <param name="Changes">What is set.</param>
/// <param name="UnchangedSince">Only messages without a higher mod-sequence are changed; null: no condition.</param>
internal sealed record AnnotationStore(IReadOnlyList<AnnotationChange> Changes, ModSeq? UnchangedSince) : IMessageStore
{
    public async ValueTask<ImapCompletion> RunAsync(ImapSession session, UidSet uids, NumberRanges? numbers, CancellationToken ct)
    {
        if (UnchangedSince is not null)
            session.EnableCondStore();
        if (RefuseShared(session.Mailbox.Place, Changes) is { } refusal)
            return refusal;
        if (await IsAnyPartMissingAsync(session, uids, ct))
            return ImapCompletion.Bad("There is no such part"); // RFC 5257 §3.2.1: MUST
        Result<StoreOutcome> stored = await session.View.AnnotateAsync(uids, Changes, UnchangedSince, ct);
        if (!stored.Ok)
            return No(stored.Error);
        foreach (int number in session.IsCondStoreEnabled ? session.Mailbox.NumbersOf(stored.Value.Stored) : [])
        {
            if (session.View.Entry(number) is { } entry)
                MailboxUpdates.SendFlags(session, number, entry, withUid: numbers is null, withFlags: false);
            await session.Connection.FlushIfLargeAsync(ct);
        }

        return FlagStore.Complete(session, stored.Value, numbers);
    }

    /// <summary>The answer to a refusal of the store.</summary>
    public static ImapCompletion No(StoreError error) => error switch
    {
        StoreError.TooBig => ImapCompletion.No("A value is too long", "ANNOTATE TOOBIG"),
        StoreError.OverQuota => ImapCompletion.No("There would be too many annotations", "ANNOTATE TOOMANY"),
        _ => ImapCompletion.No(error),
    };

    /// <summary>The answer where annotations of a new message are beyond what the store takes; null where they are not.</summary>
    public static ImapCompletion? Refuse(MailboxPlace place, IReadOnlyList<AnnotationChange> changes)
    {
        (int octets, int count) = place.Account.AnnotationLimits;
        return RefuseShared(place, changes) ?? (changes.Any(change => change.Value?.Length > octets) ? No(StoreError.TooBig)
            : changes.Count(static change => change.Value is not null) > count ? No(StoreError.OverQuota) : null);
    }

    /// <summary>What all share is set by who may set flags that all share: there is no right <c>n</c> (RFC 5257 §3.4) of its own here.</summary>
    private static ImapCompletion? RefuseShared(MailboxPlace place, IReadOnlyList<AnnotationChange> changes)
        => changes.Any(static change => change.IsShared) && !place.Has(AclRights.Write) ? ImapCompletion.No(StoreError.Denied) : null;

    private async ValueTask<bool> IsAnyPartMissingAsync(ImapSession session, UidSet uids, CancellationToken ct)
    {
        IReadOnlyList<uint>[] parts = [.. Changes.Select(static change => AnnotationGrammar.PartOf(change.Entry)).Where(static part => part.Count > 0)];
        if (parts.Length == 0)
            return false;
        Uid[] messages = [.. session.Mailbox.NumbersOf(uids).Select(session.View.UidOf)];
        await foreach ((_, MimeMessage structure) in session.View.StructuresAsync(messages, ct))
        {
            if (parts.Any(part => SectionLocator.Find(structure, new(part, SectionText.Everything, [])) is null))
                return true;
        }

        return false;
    }
}
