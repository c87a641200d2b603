using FullStack.Store.Index;
using FullStack.Store.Mailboxes;
using FullStack.Store.Takeover;

namespace FullStack.Store.Accounts;

/// <summary>The mailboxes that every account has from its first login on. Their owner may delete them, and then they stay away.</summary>
internal sealed class DefaultMailboxes(StoreContext store, Account account)
{
    private const string DefaultsMade = "default mailboxes made";

    private static readonly (string Name, SpecialUse Use)[] Defaults =
    [
        ("Drafts", SpecialUse.Drafts), ("Sent", SpecialUse.Sent), ("Junk", SpecialUse.Junk), ("Trash", SpecialUse.Trash),
        ("Archive", SpecialUse.Archive),
    ];

    /// <summary>Whether a mailbox is one of them.</summary>
    public static bool IsDefault(MailboxName name) => Array.Exists(Defaults, d => d.Name == name.Text);

    private AccountCatalog Catalog => account.Catalog;

    /// <summary>Makes them, once in an account's life.</summary>
    public async Task<Result<Nothing>> EnsureAsync(CancellationToken ct)
    {
        await Catalog.EnsureKnownAsync(ct);
        if (await account.Index.ReadAsync(static i => MailboxTable.Fact(i, DefaultsMade), ct) != 0)
            return default(Nothing);
        using (await Catalog.EnterAsync(ct))
        {
            Result<Nothing> made = await MakeAsync(ct);
            if (!made.Ok)
                return made;
        }

        Catalog.File.Touch();
        await Catalog.File.SaveAsync();
        return default(Nothing);
    }

    /// <summary>Makes those that are missing together, in one transaction: the first login to an account waits for it.</summary>
    private async Task<Result<Nothing>> MakeAsync(CancellationToken ct)
    {
        Dictionary<MailboxName, MailboxRow> rows = await Catalog.RefreshAsync(ct);
        List<NewMailbox> missing = [];
        foreach ((string text, SpecialUse use) in Defaults)
        {
            if (MailboxName.TryParse(text, out MailboxName? name) && !rows.ContainsKey(name))
                missing.Add(new(name, Catalog.Home.EntryOf(name)!, use));
        }

        Result<List<string>> added = await new MailboxMaking(store, account).RunAsync(missing, (i, made) => Adopt(i, rows, made), ct);
        return added.Ok ? default(Nothing) : added.Error;
    }

    /// <summary>
    /// A default mailbox gets its use also where another program made its folder before. It is subscribed, unless its owner
    /// had it at a former server and did not subscribe to it there.
    /// </summary>
    private static void Adopt(IndexConnection index, Dictionary<MailboxName, MailboxRow> rows, IReadOnlyList<NewMailbox> made)
    {
        if (MailboxTable.Fact(index, DefaultsMade) != 0)
            return; // Another session was faster, and the owner may have changed things since.
        bool keepsSubscriptions = MailboxTable.Fact(index, FormerAccount.SubscriptionsTaken) != 0;
        foreach ((string text, SpecialUse use) in Defaults)
        {
            if (!MailboxName.TryParse(text, out MailboxName? name))
                continue;
            if (rows.TryGetValue(name, out MailboxRow? row) && row.SpecialUse == SpecialUse.None)
                MailboxTable.SetUse(index, row.Id, use);
            if (!keepsSubscriptions || made.Any(mailbox => mailbox.Name == name))
                MailboxTable.SetSubscribed(index, name, true);
        }

        MailboxTable.SetFact(index, DefaultsMade, 1);
    }
}
