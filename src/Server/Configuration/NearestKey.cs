namespace FullStack.Server.Configuration;

/// <summary>Finds the key that somebody meant who wrote another.</summary>
internal static class NearestKey
{
    /// <summary>Longest name that anything is looked for: no key is half as long.</summary>
    private const int MaxCharacters = 100;

    /// <summary>The known key nearest to an unknown one; null where none is near.</summary>
    /// <param name="unknown">The whole name as written.</param>
    /// <param name="known">The whole names of all keys and sections.</param>
    public static string? Find(string unknown, IEnumerable<string> known)
    {
        if (unknown.Length > MaxCharacters)
            return null;
        string last = LastPart(unknown);
        string? best = null;
        int bestDistance = int.MaxValue;
        foreach (string key in known)
        {
            // The right key in the wrong section is one mistake, wherever the section is.
            int distance = Math.Min(Distance(unknown, key), LastPart(key) == last ? 1 : int.MaxValue);
            if (distance < bestDistance)
                (best, bestDistance) = (key, distance);
        }

        return bestDistance <= Math.Max(2, last.Length / 3) ? best : null;
    }

    /// <summary>Letters to insert, delete, replace or swap with their neighbour to get from one text to the other.</summary>
    internal static int Distance(string a, string b)
    {
        int[,] cost = new int[a.Length + 1, b.Length + 1];
        for (int i = 0; i <= a.Length; i++)
            cost[i, 0] = i;
        for (int j = 0; j <= b.Length; j++)
            cost[0, j] = j;
        for (int i = 1; i <= a.Length; i++)
        {
            for (int j = 1; j <= b.Length; j++)
            {
                int replaced = cost[i - 1, j - 1] + (a[i - 1] == b[j - 1] ? 0 : 1);
                cost[i, j] = Math.Min(replaced, Math.Min(cost[i - 1, j], cost[i, j - 1]) + 1);
                if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1])
                    cost[i, j] = Math.Min(cost[i, j], cost[i - 2, j - 2] + 1);
            }
        }

        return cost[a.Length, b.Length];
    }

    private static string LastPart(string name) => name[(name.LastIndexOf('.') + 1)..];
}
