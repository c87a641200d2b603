namespace FullStack.Auth.Backends;

/// <summary>A directory cannot be used now: its file is locked for too long, damaged or unreadable, its server down or too slow.</summary>
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
