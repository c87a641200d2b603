namespace FullStack.Queue.Routing;

/// <summary>Where an address leads.</summary>
/// <param name="Route">What was found; not all of it where one of the others says so.</param>
/// <param name="Loops">An alias leads back to itself, or on for too long.</param>
/// <param name="IsBroken">A file that is needed to say where the address leads is broken.</param>
/// <param name="IsTooLong">It leads to more than <see cref="Aliases.AliasOptions.MaxAddresses"/>.</param>
/// <param name="Unknown">The first targets of aliases that nobody has.</param>
internal sealed record ExpansionOutcome(MailRoute Route, bool Loops, bool IsBroken, bool IsTooLong, IReadOnlyList<string> Unknown)
{
    /// <summary>It was found out for somebody else.</summary>
    public bool IsKept { get; init; }
}
