using System.Globalization;
using System.Text;
using FullStack.Store.Posix;

namespace FullStack.Store.Takeover;

/// <summary>Which server had a folder before.</summary>
internal enum FormerServer
{
    Unknown,
    Courier,
    Dovecot,
}

/// <summary>
/// What a former server kept of one folder. Where both Courier and Dovecot left a list of UIDs, the one that was changed last
/// is that of the server that clients talked to last, and all else is read from that server's files too.
/// </summary>
internal sealed class FormerFolder
{
    public const string DovecotList = "dovecot-uidlist";
    public const string DovecotKeywords = "dovecot-keywords";
    public const string CourierList = "courierimapuiddb";
    public const string CourierKeywords = "courierimapkeywords";
    public const string CourierPop3 = "courierpop3dsizelist";

    private readonly List<string> _damaged = [];

    private FormerFolder()
    {
    }

    public FormerServer Server { get; private set; }

    /// <summary>UIDs; null where there is no list, or one that cannot be believed.</summary>
    public FormerUidList? Uids { get; private set; }

    public FormerKeywords Keywords { get; } = new();

    /// <summary>Courier's UIDLs; null where there are none.</summary>
    public CourierPop3List? Pop3 { get; private set; }

    /// <summary>Files that are there but cannot be understood.</summary>
    public IReadOnlyList<string> Damaged => _damaged;

    /// <summary>Whether a file was changed later than another, or at the same time.</summary>
    public static bool IsNewer(FileFacts file, FileFacts other)
        => (file.ModifiedSeconds, file.ModifiedNanoseconds).CompareTo((other.ModifiedSeconds, other.ModifiedNanoseconds)) >= 0;

    /// <summary>Whether Dovecot's list of a folder was changed later than Courier's, or is the only one. Blocks.</summary>
    public static bool IsDovecotNewer(IMaildirFiles files, FilePath folder)
        => files.Stat(folder.Child(DovecotList), out FileFacts dovecot) == FileError.None
            && (files.Stat(folder.Child(CourierList), out FileFacts courier) != FileError.None || IsNewer(dovecot, courier));

    /// <summary>What a format that keeps UIDs with the messages found there.</summary>
    /// <param name="server">Whose they are.</param>
    /// <param name="uids">The UIDs; null where they cannot be believed.</param>
    /// <param name="damaged">What cannot be believed; null where nothing is.</param>
    public static FormerFolder Of(FormerServer server, FormerUidList? uids, string? damaged)
    {
        FormerFolder former = new() { Server = server, Uids = uids };
        if (damaged is not null)
            former._damaged.Add(damaged);
        return former;
    }

    /// <summary>Reads a folder's files. Blocks.</summary>
    /// <param name="files">Reads them; has the error where one could not be read.</param>
    /// <param name="folder">Where they are.</param>
    /// <param name="isInbox">Whether POP3 served this folder.</param>
    /// <param name="below">The UIDVALIDITY that a list's must be below.</param>
    public static FormerFolder Read(FormerFiles files, FilePath folder, bool isInbox, uint below)
    {
        FormerFolder former = new();
        former.ReadUids(files, folder, below);
        if (former.Server != FormerServer.Courier && files.Read(folder.Child(DovecotKeywords)) is { } letters)
            former.Keywords.AddLetters(letters);
        if (former.Server != FormerServer.Dovecot)
            former.ReadCourierKeywords(files, folder.Child(CourierKeywords));
        if (isInbox && former.Server != FormerServer.Dovecot && files.Read(folder.Child(CourierPop3)) is { } pop3)
        {
            if (CourierPop3List.TryParse(pop3, out CourierPop3List? list))
                former.Pop3 = list;
            else
                former._damaged.Add(CourierPop3);
        }

        return former;
    }

    private void ReadUids(FormerFiles files, FilePath folder, uint below)
    {
        byte[]? dovecot = files.Read(folder.Child(DovecotList), out FileFacts dovecotFacts);
        byte[]? courier = files.Read(folder.Child(CourierList), out FileFacts courierFacts);
        bool isDovecot = dovecot is not null && (courier is null || IsNewer(dovecotFacts, courierFacts));
        if ((isDovecot ? dovecot : courier) is not { } text)
            return;
        Server = isDovecot ? FormerServer.Dovecot : FormerServer.Courier;

        // Courier knows no other version than 1 and throws away what is none.
        if (FormerUidList.TryParse(text, out FormerUidList? uids) && uids.UidValidity < below && (isDovecot || uids.Version == 1))
            Uids = uids;
        else
            _damaged.Add(isDovecot ? DovecotList : CourierList);
    }

    /// <summary>The list, then what was written for single messages since: <c>.N.NAME</c> with the largest N, before it plain <c>NAME</c>.</summary>
    private void ReadCourierKeywords(FormerFiles files, FilePath folder)
    {
        if (files.Read(folder.Child(":list")) is { } list)
            Keywords.AddList(list);
        Dictionary<string, (long Rank, byte[] File)> updates = new(StringComparer.Ordinal);
        files.Note(files.Files.List(folder, file =>
        {
            if (TryReadUpdate(file, out string name, out long rank) && (!updates.TryGetValue(name, out (long Rank, byte[] File) known) || known.Rank < rank))
                updates[name] = (rank, file.ToArray());
        }), folder);
        foreach ((string name, (_, byte[] file)) in updates)
        {
            if (files.Read(folder.Child(file)) is { } keywords)
                Keywords.SetMessage(name, keywords);
        }
    }

    private static bool TryReadUpdate(ReadOnlySpan<byte> file, out string name, out long rank)
    {
        (name, rank) = (Encoding.Latin1.GetString(file), long.MaxValue);
        if (file.SequenceEqual(":list"u8))
            return false;
        if (file[0] != '.')
            return true;
        int dot = name.IndexOf('.', 1);
        bool valid = dot > 1 && long.TryParse(name.AsSpan(1, dot - 1), NumberStyles.None, CultureInfo.InvariantCulture, out rank);
        name = valid ? name[(dot + 1)..] : "";
        return valid;
    }
}
