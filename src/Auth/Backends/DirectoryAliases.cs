namespace FullStack.Auth.Backends;

/// <summary>The aliases of an <see cref="AccountDirectory"/>.</summary>
internal sealed class DirectoryAliases(DirectoryConnectionPool pool)
{
    public DirectoryOutcome Add(string address, IReadOnlyList<string> targets)
    {
        if (!DirectoryAddress.TryParseAlias(address, out DirectoryAddress alias) || targets.Count == 0)
            return DirectoryOutcome.Malformed;
        Dictionary<DirectoryAddress, string> added = [];
        foreach (string target in targets)
        {
            if (!DirectoryAddress.TryParsePreservingCase(target, out string? spelled, out DirectoryAddress key))
                return DirectoryOutcome.Malformed;
            added.TryAdd(key, spelled);
        }

        return pool.Change(c =>
        {
            if (!c.Exists(AccountDirectory.DomainExists, alias.Domain))
                return DirectoryOutcome.NoSuchDomain;
            if (c.Exists(AccountDirectory.UserExists, alias.Domain, alias.Local))
                return DirectoryOutcome.AlreadyThere;
            if (AliasGraph.WouldLoop(c, alias, added.Keys))
                return DirectoryOutcome.Loop;
            int changed = 0;
            foreach ((DirectoryAddress key, string spelled) in added)
            {
                changed += c.Execute(
                    "INSERT OR IGNORE INTO alias_target (domain, local, target_key, target) VALUES ($1, $2, $3, $4)",
                    alias.Domain, alias.Local, key.ToString(), spelled);
            }

            return changed > 0 ? DirectoryOutcome.Done : DirectoryOutcome.AlreadyThere;
        });
    }

    public DirectoryOutcome Remove(string address)
        => !DirectoryAddress.TryParseAlias(address, out DirectoryAddress alias)
            ? DirectoryOutcome.Malformed
            : pool.Update("DELETE FROM alias_target WHERE domain = $1 AND local = $2", alias.Domain, alias.Local);

    /// <param name="domain">As the directory spells it; null: all domains.</param>
    public IReadOnlyList<DirectoryAlias> List(string? domain)
    {
        List<(string Address, string Target)> rows = pool.Use(domain, static (c, n) => c.Query(
            "SELECT local || '@' || domain, target FROM alias_target WHERE $1 IS NULL OR domain = $1 ORDER BY domain, local, target_key",
            static row => (row.GetString(0), row.GetString(1)), n));
        return [.. rows.GroupBy(static r => r.Address, static (a, of) => new DirectoryAlias(a, [.. of.Select(static r => r.Target)]))];
    }

    public DirectoryAlias? Find(string address)
    {
        if (!DirectoryAddress.TryParseAlias(address, out DirectoryAddress alias))
            return null;
        List<string> targets = pool.Use(alias, static (c, a) => c.Query(
            "SELECT target FROM alias_target WHERE domain = $1 AND local = $2 ORDER BY target_key", static row => row.GetString(0), a.Domain, a.Local));
        return targets.Count == 0 ? null : new(alias.ToString(), targets);
    }
}
