namespace FullStack.Imap.Append;

/// <summary>A literal in APPEND or REPLACE, by what may be in it and what has to follow it.</summary>
internal enum AppendLiteral
{
    /// <summary>None: the command ends here.</summary>
    None,

    /// <summary>A message: literal, without NUL.</summary>
    Message,

    /// <summary>A message: literal8, which may have NUL (RFC 3516 §4.4).</summary>
    Binary,

    /// <summary>A message in UTF8 (…) (RFC 6855 §4).</summary>
    Utf8,

    /// <summary>A part of a message that is put together: TEXT (RFC 4469 §3).</summary>
    Text,

    /// <summary>The same in UTF8 (…).</summary>
    Utf8Text,

    /// <summary>A URL of such a part, given as a literal.</summary>
    Url,
}

/// <summary>What an APPEND says between its literals.</summary>
internal abstract record AppendStep
{
    private AppendStep()
    {
    }

    /// <summary>A message begins.</summary>
    /// <param name="Flags">The flags it is to have.</param>
    /// <param name="InternalDate">Its internal date; null: now.</param>
    /// <param name="IsCatenated">Whether it is put together from parts.</param>
    public sealed record Begin(Store.Mailboxes.MessageFlags Flags, DateTimeOffset? InternalDate, bool IsCatenated) : AppendStep
    {
        /// <summary>The annotations it is to have (RFC 5257 §4.7).</summary>
        public IReadOnlyList<Store.Annotations.AnnotationChange> Annotations { get; init; } = [];
    }

    /// <summary>A part of it is what a URL names.</summary>
    public sealed record Url(byte[] Text) : AppendStep;

    /// <summary>The message ends.</summary>
    public sealed record End : AppendStep;
}

/// <summary>What is read of an APPEND up to its next literal.</summary>
/// <param name="Steps">What it says, in order.</param>
/// <param name="Literal">What comes after it.</param>
internal sealed record AppendSegment(IReadOnlyList<AppendStep> Steps, AppendLiteral Literal);
