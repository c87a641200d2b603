namespace FullStack.Imap.Append;

/// <summary>A literal in APPEND, REPLACE or CATENATE, by what may be in it and what has to follow it.</summary>
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
}

/// <summary>What is read of an APPEND between two literals: a message begins, and a literal, or nothing, follows.</summary>
/// <param name="Next">The message that begins; null where none does.</param>
/// <param name="Literal">What comes after the text.</param>
internal sealed record AppendSegment(AppendOptions? Next, AppendLiteral Literal);
