namespace FullStack.Smtp.Stages;

/// <summary>What stages have said that stays in force: for a connection, for the name it has given, or for a transaction. Replaced as a whole, never cleared.</summary>
internal sealed class StageStanding
{
    /// <summary>No further stage is asked.</summary>
    public bool IsAccepted { get; private set; }

    /// <summary>Why messages go to Junk; null where they do not.</summary>
    public string? Quarantine { get; private set; }

    /// <summary>Fields for each message, uppermost first.</summary>
    public List<AddedField> Fields { get; } = [];

    public void Note(StageVerdict verdict)
    {
        IsAccepted |= verdict.Action == StageAction.Accept;
        if (verdict.Action == StageAction.Quarantine)
            Quarantine ??= verdict.Reason;
        Fields.AddRange(verdict.Fields);
    }
}
