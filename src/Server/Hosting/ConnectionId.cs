namespace FullStack.Server.Hosting;

/// <summary>Short names for connections: 8 letters and digits, in log lines and in nothing else.</summary>
internal static class ConnectionId
{
    // Without vowels and look-alikes, so that an id is neither a word nor misread over the telephone.
    private const string Alphabet = "23456789bcdfghjkmnpqrstvwxyz";

    public static string Next() => string.Create(8, 0, static (span, _) => Random.Shared.GetItems(Alphabet.AsSpan(), span));
}
