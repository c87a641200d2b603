namespace FullStack.Smtp;

/// <summary>What becomes of a submitted message whose From names somebody else than the account that logged in.</summary>
public enum ForeignFrom
{
    /// <summary>It is refused with 550 5.7.1 (RFC 6409 §6.1).</summary>
    Refuse,

    /// <summary>A Sender field says who sent it (RFC 6409 §8.1).</summary>
    AddSender,

    /// <summary>Nobody looks.</summary>
    Allow,
}

/// <summary>Settings of submission.</summary>
public sealed class SubmissionOptions
{
    /// <summary>What becomes of a message whose header says that it is from somebody else.</summary>
    public ForeignFrom ForeignFrom { get; init; } = ForeignFrom.Refuse;

    /// <summary>Whether the fields Bcc and Resent-Bcc are taken out, so that no recipient sees who got a blind copy (RFC 5322 §3.6.3).</summary>
    public bool RemoveBcc { get; init; } = true;

    /// <summary>Whether a copy of each message is put into its sender's mailbox for sent mail, where nothing else is set for the account.</summary>
    public bool SentCopy { get; init; }
}
