namespace FullStack.Queue.Masquerading;

/// <summary>Where addresses are looked for that get another form on the way out.</summary>
[Flags]
public enum MasqueradedFields
{
    None,

    /// <summary>The sender of the envelope, to which notices come.</summary>
    Envelope = 1,

    /// <summary>Fields of the header that say who sent the message, and who is to be answered.</summary>
    Senders = 2,

    /// <summary>Fields of the header that name recipients.</summary>
    Recipients = 4,
}

/// <summary>How addresses of the house are written for others.</summary>
public sealed record MasqueradeOptions
{
    /// <summary>Single addresses and domains that have another form outside; looked at first.</summary>
    public MasqueradeTable Table { get; init; } = MasqueradeTable.Empty;

    /// <summary>
    /// Domains that stand for all below them, in lower case and A-labels. <c>!domain</c>: this one and those below it stay as they are. The first that fits counts.
    /// </summary>
    public IReadOnlyList<string> Domains { get; init; } = [];

    /// <summary>Local parts of which <see cref="Domains"/> are no concern: their mail says from which host it is.</summary>
    public IReadOnlyList<string> ExceptUsers { get; init; } = [];

    /// <summary>Where addresses are looked for.</summary>
    public MasqueradedFields Fields { get; init; } = MasqueradedFields.Envelope | MasqueradedFields.Senders;

    /// <summary>Also in mail that hosts of the networks that may relay send through this one. Else in that of users, of programs of this host, and of the host itself.</summary>
    public bool IncludesRelayed { get; init; }
}
