namespace FullStack.Harness.Servers;

/// <summary>The accounts that every test server has.</summary>
public static class TestAccounts
{
    /// <summary>The one domain.</summary>
    public const string Domain = "example.test";

    /// <summary>The accounts' names.</summary>
    public static IReadOnlyList<string> Users { get; } = ["alice", "bob", "carol"];

    /// <summary>Since when an account is its owner's: alice's since the beginning of 2020, bob's of 2026; of carol's nobody knows.</summary>
    public static DateTimeOffset? OwnedSince(string user) => user switch
    {
        "alice" => new(2020, 1, 1, 0, 0, 0, TimeSpan.Zero),
        "bob" => new(2026, 1, 1, 0, 0, 0, TimeSpan.Zero),
        _ => null,
    };

    public static string AddressOf(string user) => $"{user}@{Domain}";

    public static string PasswordOf(string user) => $"{user}-secret";
}
