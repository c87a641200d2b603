using System.Globalization;
using System.Text;
using FullStack.Store.Acl;
using FullStack.Store.Index;
using FullStack.Store.Maildir;
using FullStack.Store.Mailboxes;
using FullStack.Store.Posix;
using FullStack.Store.SideFiles;
using Microsoft.Extensions.Logging;

namespace FullStack.Store.Takeover;

/// <summary>What a former server kept of an account as a whole: its subscriptions and the last UIDVALIDITY it gave out.</summary>
/// <param name="Subscriptions">Names subscribed to; null where the server wrote none down.</param>
/// <param name="UidValidity">The last UIDVALIDITY; 0 where it is not known.</param>
/// <param name="Acls">Access lists of names that have no folder.</param>
internal sealed record FormerAccount(
    IReadOnlyList<MailboxName>? Subscriptions, uint UidValidity, IReadOnlyList<(MailboxName Name, IReadOnlyList<AclEntry> Entries)> Acls)
{
    /// <summary>The fact in the index that says where the subscriptions came from.</summary>
    public const string SubscriptionsTaken = "subscriptions taken over";

    /// <summary>Most names that are taken over.</summary>
    private const int MaxSubscriptions = 100_000;

    /// <summary>Reads what is there; where both servers left their subscriptions, the file that was changed last. Blocks.</summary>
    /// <exception cref="IOException">A file is there and cannot be read now.</exception>
    public static FormerAccount Read(StoreContext store, FilePath maildir) => Read(new FormerFiles(store.Files), maildir, store.Log);

    /// <summary>The same with a reader that may leave files out. Blocks.</summary>
    /// <exception cref="IOException">A file is there and cannot be read now.</exception>
    public static FormerAccount Read(FormerFiles files, FilePath maildir, ILogger log)
    {
        byte[]? dovecot = files.Read(maildir.Child("subscriptions"), out FileFacts dovecotFacts);
        byte[]? courier = files.Read(maildir.Child("courierimapsubscribed"), out FileFacts courierFacts);
        byte[]? validity = files.Read(maildir.Child("dovecot-uidvalidity"));
        List<(MailboxName, IReadOnlyList<AclEntry>)> acls = ReadHierarchy(files, maildir, log);
        if (files.Error != FileError.None)
            throw new IOException($"cannot read {files.FailedPath}: {files.Error}");

        bool isDovecot = dovecot is not null && (courier is null || FormerFolder.IsNewer(dovecotFacts, courierFacts));
        IReadOnlyList<MailboxName>? names = isDovecot ? FormerSubscriptions.OfDovecot(dovecot) : courier is null ? null : FormerSubscriptions.OfCourier(courier);
        if (names is not null)
            StoreLog.TookSubscriptions(log, names.Count, maildir.ToString(), isDovecot ? "Dovecot" : "Courier");
        return new(names?.Take(MaxSubscriptions).ToList(), ReadValidity(validity), acls);
    }

    /// <summary>Puts the subscriptions into the index, in the transaction that makes the account's first rows: so it happens once.</summary>
    public void Write(IndexConnection index)
    {
        foreach ((MailboxName name, IReadOnlyList<AclEntry> entries) in Acls)
        {
            if (AclTable.Load(index, name).Count == 0) // A folder has its own.
                AclTable.Replace(index, name, entries);
        }

        if (Subscriptions is null)
            return;
        foreach (MailboxName name in Subscriptions)
            MailboxTable.SetSubscribed(index, name, true);
        MailboxTable.SetFact(index, SubscriptionsTaken, 1);
    }

    /// <summary>Courier's lists of names that have folders below them and none of their own: a file each, called as the folder would be.</summary>
    private static List<(MailboxName, IReadOnlyList<AclEntry>)> ReadHierarchy(FormerFiles files, FilePath maildir, ILogger log)
    {
        FilePath directory = maildir.Child(FormerAcl.CourierHierarchy);
        List<byte[]> names = [];
        if (Array.Exists((string[])[FormerTraces.Marker, UidListFile.Name], name => files.Files.Stat(maildir.Child(name), out _) == FileError.None))
            return []; // Lists of the time before this server: what was changed since is not in them.
        files.Note(files.Files.List(directory, name =>
        {
            if (names.Count < MaxSubscriptions)
                names.Add(name.ToArray());
        }), directory);
        List<(MailboxName, IReadOnlyList<AclEntry>)> found = [];
        foreach (byte[] file in names)
        {
            if (!FolderNames.TryDecode([(byte)'.', .. file], out MailboxName? name) || files.Read(directory.Child(file)) is not { } text)
                continue;
            List<AclEntry> entries = FormerAcl.OfCourier(text.AsSpan(0, Math.Min(text.Length, FormerAcl.MaxOctets)), out List<int> bad);
            if (bad.Count > 0 || text.Length > FormerAcl.MaxOctets)
                StoreLog.AclDamaged(log, directory.ToString(), $"{name}, line {string.Join(", ", bad.Take(10))}");
            if (entries.Count > 0)
                found.Add((name, entries));
        }

        return found;
    }

    /// <summary>Eight hexadecimal digits.</summary>
    private static uint ReadValidity(byte[]? text)
        => text is { Length: >= 8 } && uint.TryParse(Encoding.ASCII.GetString(text, 0, 8), NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out uint value)
            && value <= FormerUidList.MaxUidValidity ? value : 0;
}
