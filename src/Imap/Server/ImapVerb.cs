namespace FullStack.Imap.Server;

/// <summary>The states of a session (RFC 3501 §3). A command names all in which it is valid.</summary>
[Flags]
internal enum ImapStates
{
    None = 0,
    NotAuthenticated = 1,
    Authenticated = 2,
    Selected = 4,

    /// <summary>With or without a mailbox selected.</summary>
    LoggedIn = Authenticated | Selected,
    Any = NotAuthenticated | LoggedIn,
}

/// <summary>What the session has to know of a command before it runs it.</summary>
[Flags]
internal enum ImapVerbFlags
{
    None = 0,

    /// <summary>Its arguments or its answers carry message numbers: no EXPUNGE may come before its end (RFC 3501 §7.4.1).</summary>
    UsesSequenceNumbers = 1,

    /// <summary>EXPUNGE responses may come with its answer.</summary>
    MaySendExpunge = 2,

    /// <summary>It changes the selected mailbox, so EXAMINE forbids it.</summary>
    NeedsWritable = 4,

    /// <summary>Its last argument is a literal that it reads itself, whatever its size.</summary>
    StreamsLiteral = 8,

    /// <summary>FETCH responses that its end brings carry UIDs (RFC 3501 §6.4.8).</summary>
    AnswersWithUids = 16,

    /// <summary>Its arguments are a secret that no transcript may show.</summary>
    Secret = 32,
}

/// <summary>One row of the verb table.</summary>
/// <param name="Name">As clients write it, upper case, with one space in the UID commands.</param>
/// <param name="States">Where it is valid; elsewhere it is answered BAD.</param>
/// <param name="Flags">How it is run.</param>
internal sealed record ImapVerb(string Name, ImapStates States, ImapVerbFlags Flags = ImapVerbFlags.None)
{
    public bool Has(ImapVerbFlags flag) => (Flags & flag) != 0;
}
