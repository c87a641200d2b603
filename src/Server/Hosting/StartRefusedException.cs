namespace FullStack.Server.Hosting;

/// <summary>Why the server does not start on a data folder.</summary>
internal enum StartTrouble
{
    /// <summary>The folder may not be written.</summary>
    NotPermitted,

    /// <summary>It cannot be written: the file system is read-only, or a file stands where the folder should be.</summary>
    CannotWrite,

    /// <summary>The disk is full.</summary>
    NoRoom,

    /// <summary>The clock cannot be right.</summary>
    WrongClock,
}

/// <summary>The server does not start, and has changed nothing; the message is for the administrator.</summary>
internal sealed class StartRefusedException(StartTrouble trouble, string message, Exception? inner = null) : Exception(message, inner)
{
    public StartTrouble Trouble { get; } = trouble;
}
