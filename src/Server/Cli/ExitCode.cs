namespace FullStack.Server.Cli;

/// <summary>How the program ends, as scripts see it: the numbers of BSD's sysexits.h, as mail programs use them.</summary>
internal static class ExitCode
{
    public const int Ok = 0;
    public const int Failed = 1;

    /// <summary>The command line is wrong (EX_USAGE).</summary>
    public const int Usage = 64;

    /// <summary>What was given on standard input or in a file is wrong (EX_DATAERR).</summary>
    public const int BadData = 65;

    /// <summary>A file to read is not there (EX_NOINPUT).</summary>
    public const int NoInput = 66;

    /// <summary>No such user, alias, domain or mailbox (EX_NOUSER).</summary>
    public const int NotFound = 67;

    /// <summary>An address to listen at is taken (EX_UNAVAILABLE).</summary>
    public const int Unavailable = 69;

    /// <summary>It is there already, or a file cannot be made (EX_CANTCREAT).</summary>
    public const int CannotCreate = 73;

    /// <summary>Somebody else holds what is needed; try again later (EX_TEMPFAIL).</summary>
    public const int TryLater = 75;

    /// <summary>Not permitted (EX_NOPERM).</summary>
    public const int NotPermitted = 77;

    /// <summary>The configuration is wrong (EX_CONFIG).</summary>
    public const int Configuration = 78;
}

/// <summary>A command that cannot go on: what to tell the user, and the exit code.</summary>
internal sealed class CommandFailedException(int exitCode, string message) : Exception(message)
{
    public int ExitCode { get; } = exitCode;
}
