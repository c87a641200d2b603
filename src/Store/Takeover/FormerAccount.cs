using System.Globalization;
using System.Text;
using FullStack.Store.Index;
using FullStack.Store.Mailboxes;
using FullStack.Store.Posix;

namespace FullStack.Store.Takeover;

/// <summary>What a former server kept of an account as a whole: its subscriptions and the last UIDVALIDITY it gave out.</summary>
/// <param name="Subscriptions">Names subscribed to; null where the server wrote none down.</param>
/// <param name="UidValidity">The last UIDVALIDITY; 0 where it is not known.</param>
internal sealed record FormerAccount(IReadOnlyList<MailboxName>? Subscriptions, uint UidValidity)
{
    /// <summary>The fact in the index that says where the subscriptions came from.</summary>
    public const string SubscriptionsTaken = "subscriptions taken over";

    /// <summary>Most names that are taken over.</summary>
    private const int MaxSubscriptions = 100_000;

    /// <summary>Reads what is there; where both servers left their subscriptions, the file that was changed last. Blocks.</summary>
    /// <exception cref="IOException">A file is there and cannot be read now.</exception>
    public static FormerAccount Read(StoreContext store, FilePath maildir)
    {
        FormerFiles files = new(store.Files);
        byte[]? dovecot = files.Read(maildir.Child("subscriptions"), out FileFacts dovecotFacts);
        byte[]? courier = files.Read(maildir.Child("courierimapsubscribed"), out FileFacts courierFacts);
        byte[]? validity = files.Read(maildir.Child("dovecot-uidvalidity"));
        if (files.Error != FileError.None)
            throw new IOException($"cannot read {files.FailedPath}: {files.Error}");

        bool isDovecot = dovecot is not null && (courier is null || FormerFolder.IsNewer(dovecotFacts, courierFacts));
        IReadOnlyList<MailboxName>? names = isDovecot ? FormerSubscriptions.OfDovecot(dovecot) : courier is null ? null : FormerSubscriptions.OfCourier(courier);
        if (names is not null)
            StoreLog.TookSubscriptions(store.Log, names.Count, maildir.ToString(), isDovecot ? "Dovecot" : "Courier");
        return new(names?.Take(MaxSubscriptions).ToList(), ReadValidity(validity));
    }

    /// <summary>Puts the subscriptions into the index, in the transaction that makes the account's first rows: so it happens once.</summary>
    public void Write(IndexConnection index)
    {
        if (Subscriptions is null)
            return;
        foreach (MailboxName name in Subscriptions)
            MailboxTable.SetSubscribed(index, name, true);
        MailboxTable.SetFact(index, SubscriptionsTaken, 1);
    }

    /// <summary>Eight hexadecimal digits.</summary>
    private static uint ReadValidity(byte[]? text)
        => text is { Length: >= 8 } && uint.TryParse(Encoding.ASCII.GetString(text, 0, 8), NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out uint value)
            && value <= FormerUidList.MaxUidValidity ? value : 0;
}
