namespace FullStack.Auth.Backends;

/// <summary>The directory's file cannot be used now: locked for too long, damaged, unreadable, or on a full disk.</summary>
/// <remarks>Never says anything about what was looked for: callers answer "try again later".</remarks>
public sealed class DirectoryUnavailableException : Exception
{
    public DirectoryUnavailableException()
    {
    }

    public DirectoryUnavailableException(string message)
        : base(message)
    {
    }

    public DirectoryUnavailableException(string message, Exception? inner)
        : base(message, inner)
    {
    }
}
