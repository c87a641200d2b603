namespace FullStack.Imap.Threading;

/// <summary>The ways to make threads.</summary>
internal enum ThreadAlgorithm
{
    /// <summary>By subject alone (RFC 5256 §3 ORDEREDSUBJECT).</summary>
    OrderedSubject,

    /// <summary>By references, then by subject (RFC 5256 §3 REFERENCES).</summary>
    References,

    /// <summary>By references alone, the thread with the newest message last (draft-ietf-morg-inthread).</summary>
    Refs,
}
