namespace FullStack.Server.Doctor;

/// <summary>How much a finding matters, in the order of gravity.</summary>
internal enum FindingLevel
{
    Ok,

    /// <summary>It could not be looked at.</summary>
    Unknown,
    Warning,
    Error,
}

/// <summary>Something that a check may find.</summary>
/// <param name="Name">What scripts know it by: the check's name, a dot, and a word.</param>
/// <param name="Level">How much it matters.</param>
/// <param name="Meaning">What it means, for the documentation.</param>
/// <param name="Advice">What to do about it.</param>
internal sealed record FindingKind(string Name, FindingLevel Level, string Meaning, string Advice)
{
    /// <summary>Of a check that found all well.</summary>
    public static FindingKind Ok(string check) => new(check + ".ok", FindingLevel.Ok, "Nothing is wrong.", "");

    /// <summary>Of a check that could not be made.</summary>
    public static FindingKind Unknown(string check) => new(check + ".unknown", FindingLevel.Unknown, "It could not be looked at.", "");
}

/// <summary>What a check found.</summary>
/// <param name="Kind">What it is.</param>
/// <param name="Seen">The evidence.</param>
internal sealed record Finding(FindingKind Kind, string Seen);
