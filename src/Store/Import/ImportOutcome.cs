namespace FullStack.Store.Import;

/// <summary>What became of an account's import.</summary>
public enum ImportOutcome
{
    /// <summary>Nothing was done yet: it would be imported.</summary>
    Planned,

    /// <summary>It is here now.</summary>
    Imported,

    /// <summary>It lay in its place already and was taken over there.</summary>
    InPlace,

    /// <summary>An earlier run imported it.</summary>
    Before,

    /// <summary>It was left where it is; the report says why.</summary>
    Refused,
}
