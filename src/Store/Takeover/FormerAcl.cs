using System.Text;
using FullStack.Store.Acl;
using FullStack.Store.Posix;

namespace FullStack.Store.Takeover;

/// <summary>Reads access lists of former servers into entries that are added up, as Courier's are.</summary>
/// <remarks>
/// A line that is not understood is left out and reported. Where it would have given rights that is safe; of one that takes
/// rights away, what is understood is kept.
/// </remarks>
internal static class FormerAcl
{
    public const string CourierFile = "courierimapacl";
    public const string DovecotFile = "dovecot-acl";

    /// <summary>Longest file that is looked at.</summary>
    public const int MaxOctets = 1 << 20;

    /// <summary>Names below which Courier keeps lists of folders that are none.</summary>
    public const string CourierHierarchy = "courierimaphieracl";

    /// <summary>Courier's list: an identifier and letters in each line.</summary>
    /// <param name="text">The file.</param>
    /// <param name="bad">Lines that were not understood, from 1.</param>
    public static List<AclEntry> OfCourier(ReadOnlySpan<byte> text, out List<int> bad) => Read(text, static line =>
    {
        int space = line.LastIndexOf(' ');
        return space < 0 ? (line, "") : (line[..space], line[(space + 1)..]);
    }, out bad);

    /// <summary>
    /// Dovecot's list, in which an entry about fewer people takes the place of those about more: here it gets a negative entry
    /// with what it does not give and they do.
    /// </summary>
    public static List<AclEntry> OfDovecot(ReadOnlySpan<byte> text, out List<int> bad)
    {
        HashSet<AclIdentifier> overrides = [];
        List<AclEntry> read = Read(text, line => SplitDovecot(line, overrides), out bad);
        List<AclEntry> entries = [.. read];
        foreach (AclEntry entry in read.Where(static e => !e.Identifier.IsNegative))
        {
            AclRights replaced = overrides.Contains(entry.Identifier)
                ? AclRights.All
                : read.Where(other => !other.Identifier.IsNegative && other.Identifier.Subject != AclSubject.Owner && other.Identifier.Subject < entry.Identifier.Subject)
                    .Aggregate(AclRights.None, static (rights, other) => rights | other.Rights);
            AclRights denied = replaced & ~entry.Rights;
            if (entry.Identifier.Subject == AclSubject.Owner)
                denied &= ~AccessList.OwnersForGood;
            if (denied != AclRights.None)
                Add(entries, new(entry.Identifier.WithSign(isNegative: true), denied));
        }

        entries.RemoveAll(static e => e.Rights == AclRights.None);

        // There an owner whom the list does not name has every right.
        if (entries.Count > 0 && !entries.Exists(static e => e.Identifier.Subject == AclSubject.Owner))
            entries.Add(new(AclIdentifier.Owner, AclRights.All));
        return entries;
    }

    /// <summary>
    /// The list of a folder; empty where it has none. Where both servers left one, that of the server whose list of UIDs was
    /// changed last. Blocks.
    /// </summary>
    /// <param name="files">Reads them.</param>
    /// <param name="folder">Where they are.</param>
    /// <param name="damaged">The file in which something was not understood, with its lines; null where all was.</param>
    public static List<AclEntry> Read(FormerFiles files, FilePath folder, out string? damaged)
    {
        damaged = null;
        byte[]? courier = files.Read(folder.Child(CourierFile)), dovecot = files.Read(folder.Child(DovecotFile));
        if (courier is null && dovecot is null)
            return [];
        bool isDovecot = dovecot is not null && (courier is null || FormerFolder.IsDovecotNewer(files.Files, folder));
        byte[] text = isDovecot ? dovecot! : courier!;
        List<int> bad = [];
        List<AclEntry> entries = text.Length > MaxOctets ? [] : isDovecot ? OfDovecot(text, out bad) : OfCourier(text, out bad);
        if (bad.Count > 0 || text.Length > MaxOctets)
            damaged = $"{(isDovecot ? DovecotFile : CourierFile)}{(bad.Count > 0 ? $", line {string.Join(", ", bad.Take(10))}" : "")}";
        return entries;
    }

    private static List<AclEntry> Read(ReadOnlySpan<byte> text, Func<string, (string Identifier, string Rights)> split, out List<int> bad)
    {
        List<AclEntry> entries = [];
        bad = [];

        // People edit these files: the last line may lack its end.
        TextLines lines = new([.. text, (byte)'\n']);
        for (int number = 1; lines.TryRead(out ReadOnlySpan<byte> line); number++)
        {
            if (line.IsEmpty || line[0] == '#')
                continue;
            (string name, string letters) = line.Length <= 2 * AclIdentifier.MaxOctets ? split(Encoding.UTF8.GetString(line)) : ("", "");
            bool understood = AclIdentifier.TryParse(name, out AclIdentifier? identifier);
            bool known = AclLetters.TryParse(letters, out AclRights rights);
            if (!understood || !known || entries.Count == AccessList.MaxEntries)
                bad.Add(number);
            if (understood && (known || identifier!.IsNegative) && entries.Count < AccessList.MaxEntries)
                Add(entries, new(identifier!, rights));
        }

        return entries;
    }

    private static void Add(List<AclEntry> entries, AclEntry entry)
    {
        int at = entries.FindIndex(e => e.Identifier == entry.Identifier);
        if (at < 0)
            entries.Add(entry);
        else
            entries[at] = entry with { Rights = entries[at].Rights | entry.Rights };
    }

    /// <summary><c>identifier letters[:names]</c>; an identifier with spaces is in quotes.</summary>
    private static (string Identifier, string Rights) SplitDovecot(string line, HashSet<AclIdentifier> overrides)
    {
        int end = line.StartsWith('"') ? line.IndexOf('"', 1) : line.IndexOf(' ', StringComparison.Ordinal);
        string identifier = line.StartsWith('"') && end > 0 ? line[1..end] : end < 0 ? line : line[..end];
        string rest = end < 0 ? "" : line[(end + 1)..].Trim();

        // Names of rights that are no letters come from plug-ins and are nothing here.
        int names = rest.IndexOf(':', StringComparison.Ordinal);
        string letters = (names < 0 ? rest : rest[..names]).TrimEnd();
        const string Override = "group-override=";
        if (identifier.StartsWith(Override, StringComparison.Ordinal))
        {
            identifier = "group=" + identifier[Override.Length..];
            if (AclIdentifier.TryParse(identifier, out AclIdentifier? group))
                overrides.Add(group);
        }

        return (identifier, letters);
    }
}
