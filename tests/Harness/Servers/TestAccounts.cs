namespace FullStack.Harness.Servers;

/// <summary>The accounts that every test server has.</summary>
public static class TestAccounts
{
    /// <summary>The one domain.</summary>
    public const string Domain = "example.test";

    /// <summary>The accounts' names.</summary>
    public static IReadOnlyList<string> Users { get; } = ["alice", "bob", "carol"];

    public static string AddressOf(string user) => $"{user}@{Domain}";

    public static string PasswordOf(string user) => $"{user}-secret";
}
