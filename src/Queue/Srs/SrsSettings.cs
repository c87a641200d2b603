namespace FullStack.Queue.Srs;

/// <summary>How senders of forwarded mail are rewritten.</summary>
/// <param name="Domain">Their domain.</param>
/// <param name="KeyFile">Where the keys lie; it is made where it is missing.</param>
public sealed record SrsSettings(string Domain, string KeyFile)
{
    /// <summary>What rewrites them, with the keys as they are now.</summary>
    /// <exception cref="IOException">The keys cannot be read or made.</exception>
    /// <exception cref="UnauthorizedAccessException">They may not be read.</exception>
    public SenderRewriting Open(TimeProvider time) => new(Domain, SrsKeys.Load(KeyFile), time);
}
