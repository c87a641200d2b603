using FullStack.Store;
using FullStack.Store.Accounts;
using FullStack.Store.Feed;
using FullStack.Store.Mailboxes;

namespace FullStack.Pop3.Server;

/// <summary>A mailbox that messages of a maildrop lie in.</summary>
internal sealed class MaildropFolder : IDisposable
{
    /// <summary>What messages have that POP3 is to show no more.</summary>
    public const string HiddenKeyword = "$POP3Deleted";

    private readonly Uidls _uidls;
    private readonly KnownSizes _sizes;

    private MaildropFolder(MailboxView view, Uidls uidls, KnownSizes sizes) => (View, _uidls, _sizes) = (view, uidls, sizes);

    public MailboxView View { get; }

    public static async ValueTask<Result<MaildropFolder>> OpenAsync(Account account, MailboxName name, CancellationToken ct)
    {
        Result<MailboxView> view = await account.OpenForDownloadAsync(name, ct);
        if (!view.Ok)
            return view.Error;
        Result<Uidls> uidls = await view.Value.UidlsAsync(ct);
        Result<KnownSizes> sizes = uidls.Ok ? await view.Value.SentSizesAsync(ct) : uidls.Error;
        if (sizes.Ok)
            return new MaildropFolder(view.Value, uidls.Value, sizes.Value);
        view.Value.Dispose();
        return sizes.Error;
    }

    /// <summary>Adds the messages that POP3 shows, numbered on.</summary>
    /// <param name="entries">What they are added to.</param>
    /// <param name="folder">Which of the maildrop's mailboxes this is.</param>
    /// <param name="onlyUnread">Whether those that somebody has read are left out.</param>
    /// <param name="isAscii">Whether headers are sent in ASCII only.</param>
    public void List(List<MaildropEntry> entries, int folder, bool onlyUnread, bool isAscii)
    {
        for (int number = 1; number <= View.Count; number++)
        {
            // Null: expunged since the view was opened.
            if (View.Entry(number) is { } message && !(onlyUnread && (message.Flags & SystemFlags.Seen) != 0) && !IsHidden(message))
                entries.Add(new(entries.Count + 1, folder, message.Uid, SizeOf(message, isAscii)));
        }
    }

    /// <summary>The unique-id of a message (RFC 1939 §7).</summary>
    public string UidlOf(Uid uid) => _uidls.Of(uid);

    /// <summary>The form of an opened message that has no UTF-8 in its headers; null where it has none anyway.</summary>
    public ValueTask<SurrogateMessage?> SurrogateOfAsync(Uid uid, MessageContent content, CancellationToken ct)
        => _sizes.IsSurelyAscii(uid) ? default : View.SurrogateOfAsync(uid, content, ct);

    /// <summary>Does away with messages.</summary>
    public async ValueTask<StoreError> DeleteAsync(Account account, UidSet uids, Pop3Deletion deletion, CancellationToken ct)
    {
        switch (deletion)
        {
            case Pop3Deletion.Hide:
                Result<StoreOutcome> hidden = await View.StoreFlagsAsync(uids, new(FlagOperation.Add, new(SystemFlags.None, [HiddenKeyword])), null, silent: true, ct);
                return hidden.Ok ? StoreError.None : hidden.Error;
            case Pop3Deletion.Trash when await TrashAsync(account, ct) is { } trash && trash != View.Name:
                Result<CopyOutcome> moved = await View.MoveAsync(uids, trash, ct);
                return moved.Ok ? StoreError.None : moved.Error;
            default:
                Result<UidSet> removed = await View.RemoveAsync(uids, ct);
                return removed.Ok ? StoreError.None : removed.Error;
        }
    }

    public void Dispose() => View.Dispose();

    private long SizeOf(MessageEntry message, bool isAscii)
        => _sizes.Of(message) is var size && isAscii ? size.Ascii : size.Wire;

    private static bool IsHidden(MessageEntry message)
        => message.Keywords.Count > 0 && message.Keywords.Contains(HiddenKeyword, StringComparer.OrdinalIgnoreCase);

    /// <summary>The mailbox for deleted messages; it is made where there is none.</summary>
    private static async ValueTask<MailboxName> TrashAsync(Account account, CancellationToken ct)
    {
        foreach (MailboxInfo info in await account.ListAsync(ct))
        {
            if (info is { Exists: true, SpecialUse: SpecialUse.Trash })
                return info.Name;
        }

        MailboxName.TryParse("Trash", out MailboxName? trash);
        await account.CreateAsync(trash!, SpecialUse.Trash, ct); // where it cannot be made, the move says why
        return trash!;
    }
}
