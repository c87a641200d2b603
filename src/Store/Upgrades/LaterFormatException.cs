namespace FullStack.Store.Upgrades;

/// <summary>A later version of this program wrote something; it is left as it is.</summary>
public sealed class LaterFormatException : IOException
{
    public LaterFormatException()
    {
    }

    public LaterFormatException(string message)
        : base(message)
    {
    }

    public LaterFormatException(string message, Exception? inner)
        : base(message, inner)
    {
    }

    internal static LaterFormatException Of(string path, long found, int known)
        => new($"{path} was written by a later version of this program: its tables are of version {found}, and {known} is the last one known here");
}
