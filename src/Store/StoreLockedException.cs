namespace FullStack.Store;

/// <summary>Another process holds the mail store: one server, or one command on mailboxes, at a time.</summary>
public sealed class StoreLockedException : Exception
{
    public StoreLockedException()
    {
    }

    public StoreLockedException(string message)
        : base(message)
    {
    }

    public StoreLockedException(string message, Exception? inner)
        : base(message, inner)
    {
    }
}
