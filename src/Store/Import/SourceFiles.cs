using FullStack.Store.Posix;
using FullStack.Store.Takeover;

namespace FullStack.Store.Import;

/// <summary>Which files of a former server's Maildir are read and taken along.</summary>
internal sealed class SourceFiles(ImportFormat format)
{
    private static readonly string[] s_courier =
        [FormerFolder.CourierList, FormerFolder.CourierKeywords, FormerFolder.CourierPop3, FormerAcl.CourierFile, FormerAcl.CourierHierarchy, "courierimapsubscribed"];

    private static readonly string[] s_dovecot =
        [FormerFolder.DovecotList, FormerFolder.DovecotKeywords, FormerAcl.DovecotFile, "subscriptions", "dovecot-uidvalidity"];

    /// <summary>What a server can make again from the rest, or what another one makes for itself.</summary>
    private static readonly string[] s_caches =
    [
        "maildirfolder", "maildirsize", "quotawarn", "courierimapsnapshots", "courierimaphieracl", "sqwebmail-curcache", "sqwebmail-curcnt",
        "sqwebmail-token", "sqwebmail-ip", "dovecot.index", "dovecot.list.index", "dovecot.mailbox.log", "dovecot-acl-list", ".dovecot.lda-dupes", "dovecot-uidvalidity.",
    ];

    /// <summary>Names of lists in a folder, files or directories of files.</summary>
    public IEnumerable<string> Lists => format switch
    {
        ImportFormat.Courier => s_courier,
        ImportFormat.Dovecot => s_dovecot,
        ImportFormat.Maildir => [],
        _ => s_courier.Concat(s_dovecot),
    };

    /// <summary>Whether a list belongs to a server that is not to be believed.</summary>
    public bool IsLeftOut(FilePath path)
    {
        string[] parts = path.ToString().Split('/');
        return s_courier.Concat(s_dovecot).Except(Lists).Any(name => parts[^1] == name || (parts.Length > 1 && parts[^2] == name));
    }

    /// <summary>What a name in a Maildir is, in words, where it is nothing that is taken; null where nobody would miss it.</summary>
    public static string? Describe(string name)
    {
        if (name is "tmp" or "new" or "cur" || name.StartsWith("fullstack-", StringComparison.Ordinal) || s_courier.Contains(name) || s_dovecot.Contains(name)
            || Array.Exists(s_caches, cache => name.StartsWith(cache, StringComparison.Ordinal)))
            return null;
        return name switch
        {
            "shared-maildirs" or "shared-folders" => "shared folders of others",
            "autoresponses" or "autoresponsesquota" => "automatic replies",
            "maildirfilterconfig" or "maildirfilter" => "webmail's mail filter",
            "calendar" => "a calendar",
            _ when name.StartsWith("sqwebmail-", StringComparison.Ordinal) => "webmail's settings",
            _ => "not known",
        };
    }

    /// <summary>Files of a home that steer mail, which are not read here.</summary>
    public static string? DescribeInHome(string name) => name switch
    {
        ".dovecot.sieve" or "sieve" => "Sieve scripts",
        ".mailfilter" or ".mailfilters" => "maildrop's filter",
        ".procmailrc" => "procmail's filter",
        ".forward" => "forwarding",
        ".vacation.msg" or ".vacationrc" => "an automatic reply",
        _ when name.StartsWith(".courier", StringComparison.Ordinal) || name.StartsWith(".qmail", StringComparison.Ordinal) => "delivery instructions",
        _ => null,
    };
}
