using FullStack.Store.Accounts;

namespace FullStack.Queue.Spool;

/// <summary>The names under which recipients wait: what goes the same way waits together.</summary>
internal static class Destinations
{
    private const string LocalPrefix = "local:";

    private const string FetchedPrefix = "odmr:";

    /// <summary>Whoever fetches the mail for a domain (RFC 2645).</summary>
    public static string ToBeFetched(string domain) => FetchedPrefix + domain;

    /// <summary>Whether a destination is a domain whose mail is fetched.</summary>
    public static bool IsToBeFetched(string destination) => destination.StartsWith(FetchedPrefix, StringComparison.Ordinal);

    /// <summary>A mailbox of this host.</summary>
    public static string Of(AccountName account) => $"{LocalPrefix}{account}";

    /// <summary>The mailbox that a destination means; null: it is elsewhere.</summary>
    public static AccountName? AccountOf(string destination)
        => destination.StartsWith(LocalPrefix, StringComparison.Ordinal) && AccountName.TryParse(destination[LocalPrefix.Length..], out AccountName? account)
            ? account : null;

    /// <summary>Whether a destination is a mailbox of this host.</summary>
    public static bool IsLocal(string destination) => destination.StartsWith(LocalPrefix, StringComparison.Ordinal);
}
