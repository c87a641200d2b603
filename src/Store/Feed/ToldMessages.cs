using FullStack.Store.Accounts;
using FullStack.Store.Mailboxes;

namespace FullStack.Store.Feed;

/// <summary>What a session was told of a mailbox: which messages it numbers and what it knows of them.</summary>
/// <remarks>
/// It is a version of the mailbox. To synchronise is to compare it with the present version, so there is no queue that could overflow, and what happened and was
/// undone meanwhile costs nothing.
/// </remarks>
internal sealed class ToldMessages
{
    private readonly Account _account;
    private readonly Mailbox _mailbox;
    private readonly bool _takesRecent;
    private readonly HashSet<uint> _recent = [];

    /// <param name="account">The mailbox's account.</param>
    /// <param name="mailbox">The mailbox, loaded.</param>
    /// <param name="snapshot">What the session is told at first.</param>
    /// <param name="takesRecent">Whether messages that are recent to this session are so to no other.</param>
    public ToldMessages(Account account, Mailbox mailbox, MailboxSnapshot snapshot, bool takesRecent)
    {
        (_account, _mailbox, _takesRecent) = (account, mailbox, takesRecent);
        (Messages, ModSeq) = (snapshot.Messages, snapshot.Highest);
        ClaimRecent();
    }

    /// <summary>The messages in the order of their numbers.</summary>
    public MessageList Messages { get; private set; }

    /// <summary>The session was told of all changes up to this one.</summary>
    public ModSeq ModSeq { get; private set; }

    /// <summary>The messages that are gone and keep their numbers, for the last synchronisation was one that may not tell.</summary>
    public IReadOnlyList<(int Number, Uid Uid)> Withheld { get; private set; } = [];

    public int RecentCount => _recent.Count;

    /// <summary>Whether the mailbox is another by now than the session was told.</summary>
    public bool IsBehind
    {
        get
        {
            MessageList now = _mailbox.Snapshot.Messages;
            bool isBehind = now.Count != Messages.Count;
            ViewDiff.Compare(Messages, now, (_, before, after) => isBehind |= after is null || IsChanged(before, after));
            return isBehind;
        }
    }

    public bool IsRecent(int number) => _recent.Count > 0 && _recent.Contains(Messages.UidAt(number - 1).Value);

    /// <summary>Takes over what happened since the last call.</summary>
    /// <param name="allowExpunges">Whether messages may lose their numbers.</param>
    /// <param name="annotationsChanged">Which annotations of a message changed between two versions of it.</param>
    /// <returns>What there is to tell, in order: expunges, growth, flag changes.</returns>
    public IReadOnlyList<ViewUpdate> Synchronize(bool allowExpunges, Func<MessageEntry, MessageEntry, IReadOnlyList<string>> annotationsChanged)
    {
        MailboxSnapshot snapshot = _mailbox.Snapshot;
        MessageList now = snapshot.Messages;
        List<(int Number, Uid Uid)> withheld = [];
        Withheld = withheld;
        if (ReferenceEquals(now, Messages))
        {
            ModSeq = snapshot.Highest;
            return [];
        }

        List<ViewUpdate> updates = [], flags = [];
        List<MessageEntry> kept = [];
        int removed = 0;
        ViewDiff.Compare(Messages, now, (index, before, after) =>
        {
            if (after is null && allowExpunges)
            {
                updates.Add(new ViewUpdate.Expunged(index + 1 - removed++, before.Uid));
                _recent.Remove(before.Uid.Value);
            }
            else if (after is null)
            {
                withheld.Add((index + 1, before.Uid));
            }
            else
            {
                kept.Add(after);
                if (IsChanged(before, after))
                    flags.Add(new ViewUpdate.FlagsChanged(index + 1 - removed, after) { Annotations = annotationsChanged(before, after) });
            }
        });

        int before = Messages.Count - removed;
        if (withheld.Count == 0)
            ModSeq = snapshot.Highest;
        Messages = withheld.Count == 0 ? now : Messages.Replace(kept).Append(Later(now));
        ClaimRecent();
        if (Messages.Count > before)
            updates.Add(new ViewUpdate.Grown(Messages.Count, _recent.Count));
        updates.AddRange(flags);
        return updates;
    }

    /// <summary>The session knows of changes that it made itself.</summary>
    public void Know(IReadOnlyList<MessageEntry> entries) => Messages = Messages.Replace(entries);

    /// <summary>The numbers of messages that came, or whose flags changed, since a version of this; rising.</summary>
    public IReadOnlyList<int> ChangedSince(ViewVersion version)
    {
        if (ReferenceEquals(version.Messages, Messages))
            return [];
        List<int> numbers = [];
        ViewDiff.Compare(version.Messages, Messages, (_, before, after) =>
        {
            if (after is not null && IsChanged(before, after))
                numbers.Add(Messages.IndexOf(after.Uid.Value) + 1);
        });
        for (int number = version.LastUid is { } last ? Messages.LowerBound(last.Value + 1) + 1 : 1; number <= Messages.Count; number++)
            numbers.Add(number);
        return numbers;
    }

    private static bool IsChanged(MessageEntry before, MessageEntry after)
        => after.Flags != before.Flags || !ReferenceEquals(after.Keywords, before.Keywords) || after.ModSeq != before.ModSeq;

    /// <summary>The messages that came after all that the session numbers.</summary>
    private List<MessageEntry> Later(MessageList now)
    {
        List<MessageEntry> later = [];
        for (int i = Messages.Count == 0 ? 0 : now.LowerBound(Messages.UidAt(Messages.Count - 1).Value + 1); i < now.Count; i++)
            later.Add(now[i]);
        return later;
    }

    private void ClaimRecent()
    {
        bool any = _mailbox.Recent.Claim(Messages, _recent, take: _takesRecent);
        if (any && _takesRecent && !_mailbox.IsDead)
            _account.Behind.Run(ct => Settler.SettleAsync(_mailbox, ct));
    }
}
