namespace FullStack.Auth.Backends;

/// <summary>Follows aliases through the directory.</summary>
internal static class AliasGraph
{
    /// <summary>Whether mail for <paramref name="alias"/> would come back to it if it had <paramref name="targets"/> too.</summary>
    /// <remarks>
    /// An account ends a path; an address with neither account nor alias goes on at its domain's catch-all. Later
    /// removals can expose a catch-all and close a circle anew, and so can details (<c>user+tag</c>), which the directory
    /// does not know: whoever expands aliases must keep a bound of its own.
    /// </remarks>
    public static bool WouldLoop(DirectoryConnection connection, DirectoryAddress alias, IEnumerable<DirectoryAddress> targets)
    {
        HashSet<DirectoryAddress> seen = [];
        Stack<DirectoryAddress> open = new(targets);
        while (open.TryPop(out DirectoryAddress next))
        {
            if (next == alias)
                return true;
            if (!seen.Add(next))
                continue;
            if (!next.IsCatchAll && connection.Exists(AccountDirectory.UserExists, next.Domain, next.Local))
                continue;
            List<DirectoryAddress> onward = TargetsOf(connection, next);
            foreach (DirectoryAddress target in onward)
                open.Push(target);
            if (onward.Count == 0 && !next.IsCatchAll)
                open.Push(next with { Local = "" });
        }

        return false;
    }

    private static List<DirectoryAddress> TargetsOf(DirectoryConnection connection, DirectoryAddress alias)
        => connection.Query(
            "SELECT target_key FROM alias_target WHERE domain = $1 AND local = $2",
            static row => DirectoryAddress.TryParse(row.GetString(0), out DirectoryAddress target) ? target : default,
            alias.Domain, alias.Local);
}
