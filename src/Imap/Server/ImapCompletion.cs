using FullStack.Imap.Languages;
using FullStack.Net.Metrics;
using FullStack.Store;

namespace FullStack.Imap.Server;

/// <summary>The condition of a tagged answer (RFC 3501 §7.1).</summary>
internal enum ImapStatus
{
    Ok,
    No,
    Bad,

    /// <summary>No tagged answer: the session ends with an untagged BYE.</summary>
    Bye,
}

/// <summary>What the session does after the answer is written.</summary>
internal enum ImapFollowUp
{
    None,
    StartTls,
    Compress,
    Close,
}

/// <summary>How a command ended: the tagged line, and what follows it.</summary>
/// <param name="Status">OK, NO, BAD, or BYE instead of an answer.</param>
/// <param name="Text">Human-readable text.</param>
/// <param name="Code">Response code without its brackets; null: none.</param>
/// <param name="FollowUp">What happens after the answer was sent.</param>
internal readonly record struct ImapCompletion(ImapStatus Status, ImapText Text, string? Code = null, ImapFollowUp FollowUp = ImapFollowUp.None)
{
    /// <summary>RFC 3501 §9 seq-number: naming a message that is not there is an error of the client's.</summary>
    public static readonly ImapCompletion NoSuchNumber = Bad("There is no message of that number");

    /// <summary>RFC 9586 §3.2: message numbers from a client that gave them up.</summary>
    public static readonly ImapCompletion UidRequired = Bad("UIDONLY is enabled: there are no message numbers", "UIDREQUIRED");

    /// <summary>RFC 5530 §3: a message that the client knows was expunged by another session.</summary>
    public static readonly ImapCompletion ExpungeIssued = No("Some of the messages are gone", "EXPUNGEISSUED");

    /// <summary>RFC 4314 §5.1.1: another took the right to read his mailbox away while it was selected.</summary>
    public static readonly ImapCompletion RightLost = Bye("You may not read the selected mailbox any more");

    /// <summary>The response code without what stands behind its name.</summary>
    public string? CodeName => Code is not null && Code.IndexOf(' ', StringComparison.Ordinal) is var end and >= 0 ? Code[..end] : Code;

    /// <summary>What it means for the command.</summary>
    public CommandOutcome Outcome => (Status, Code) switch
    {
        (ImapStatus.Ok, _) => CommandOutcome.Ok,
        (_, "SERVERBUG") => CommandOutcome.Failed,
        (_, "UNAVAILABLE" or "INUSE") => CommandOutcome.Deferred,
        _ => CommandOutcome.Refused,
    };

    public static ImapCompletion Ok(ImapText text, string? code = null) => new(ImapStatus.Ok, text, code);

    public static ImapCompletion No(ImapText text, string? code = null) => new(ImapStatus.No, text, code);

    public static ImapCompletion Bad(ImapText text, string? code = null) => new(ImapStatus.Bad, text, code);

    /// <summary>Ends the session at once.</summary>
    public static ImapCompletion Bye(ImapText text, string? code = null) => new(ImapStatus.Bye, text, code, ImapFollowUp.Close);

    /// <summary>The answer to a refusal of the store (codes of RFC 5530 §3).</summary>
    public static ImapCompletion No(StoreError error) => error switch
    {
        StoreError.NotFound => No("No such mailbox", "NONEXISTENT"),
        StoreError.Gone => ExpungeIssued,
        StoreError.AlreadyExists => No("A mailbox of that name exists already", "ALREADYEXISTS"),
        StoreError.ReadOnly => No("The mailbox is read-only", "NOPERM"),
        StoreError.OverQuota => No("The account may store no more", "OVERQUOTA"),
        StoreError.InUse => No("Another session uses it", "INUSE"),
        StoreError.TooBig => No("The message is too big", "TOOBIG"),
        StoreError.BadName => No("A mailbox cannot have that name", "CANNOT"),
        StoreError.NotPermitted => No("That cannot be done with this mailbox", "CANNOT"),
        StoreError.Denied => No("You have no right to do that", "NOPERM"),
        StoreError.NoSpace => No("The server's disk is full; try again later", "UNAVAILABLE"),
        StoreError.Unavailable => No("The mail store cannot do that now; try again later", "UNAVAILABLE"),
        StoreError.None => throw new ArgumentOutOfRangeException(nameof(error), "a success is no refusal"),
        _ => throw new ArgumentOutOfRangeException(nameof(error), error, null),
    };

    /// <summary>The same for a command that puts messages into a mailbox, which the client may have to make first (RFC 3501 §6.3.11, §6.4.7).</summary>
    public static ImapCompletion NoTarget(StoreError error)
        => error == StoreError.NotFound ? No("No such mailbox; make it first", "TRYCREATE") : No(error);
}
