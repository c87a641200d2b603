using FullStack.Queue.Programs;
using FullStack.Queue.Routing;
using FullStack.Store.Accounts;

namespace FullStack.Queue.Spool;

/// <summary>The names under which recipients wait: what goes the same way waits together.</summary>
internal static class Destinations
{
    private const string LocalPrefix = "local:";
    private const string ActionPrefix = "run:";

    private const string FetchedPrefix = "odmr:";

    /// <summary>Whoever fetches the mail for a domain (RFC 2645).</summary>
    public static string ToBeFetched(string domain) => FetchedPrefix + domain;

    /// <summary>Whether a destination is a domain whose mail is fetched.</summary>
    public static bool IsToBeFetched(string destination) => destination.StartsWith(FetchedPrefix, StringComparison.Ordinal);

    /// <summary>A mailbox of this host.</summary>
    public static string Of(AccountName account) => $"{LocalPrefix}{account}";

    /// <summary>Programs and files of an account or, without one, of the file of aliases.</summary>
    public static string Of(LocalAction action) => ActionPrefix + (action.Account ?? action.Recipient).ToLowerInvariant();

    /// <summary>Copies that an address passes on.</summary>
    public static string Of(ForwardedCopy copy) => $"{ActionPrefix}{copy.From.LocalPart}@{copy.From.Domain}".ToLowerInvariant();

    /// <summary>Whether programs, files and copies wait under a destination.</summary>
    public static bool IsAction(string destination) => destination.StartsWith(ActionPrefix, StringComparison.Ordinal);

    /// <summary>The mailbox that a destination means; null: it is elsewhere.</summary>
    public static AccountName? AccountOf(string destination)
        => destination.StartsWith(LocalPrefix, StringComparison.Ordinal) && AccountName.TryParse(destination[LocalPrefix.Length..], out AccountName? account)
            ? account : null;

    /// <summary>Whether a destination is on this host.</summary>
    public static bool IsLocal(string destination) => destination.StartsWith(LocalPrefix, StringComparison.Ordinal) || IsAction(destination);
}
