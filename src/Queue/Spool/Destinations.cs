using FullStack.Store.Accounts;

namespace FullStack.Queue.Spool;

/// <summary>The names under which recipients wait: what goes the same way waits together.</summary>
internal static class Destinations
{
    private const string LocalPrefix = "local:";

    /// <summary>A mailbox of this host.</summary>
    public static string Of(AccountName account) => $"{LocalPrefix}{account}";

    /// <summary>The mailbox that a destination means; null: it is elsewhere.</summary>
    public static AccountName? AccountOf(string destination)
        => destination.StartsWith(LocalPrefix, StringComparison.Ordinal) && AccountName.TryParse(destination[LocalPrefix.Length..], out AccountName? account)
            ? account : null;

    /// <summary>Whether a destination is a mailbox of this host.</summary>
    public static bool IsLocal(string destination) => destination.StartsWith(LocalPrefix, StringComparison.Ordinal);
}
